/** Reads and writes text files of the workspace. Text that cannot be kept byte for byte is refused, never mangled. */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, open, rename, rm } from 'node:fs/promises';
import { relative, sep } from 'node:path';
import { describe, resolveExisting, resolveTarget } from './confine-path.ts';
import { type OpenFolder, openFolder } from './open-folder.ts';
import type { Answer } from './protocol.ts';

export interface FileScope {
  /** Absolute, links resolved. */
  workspace: string;
  fileBytes: number;
}

export async function readTextFile(scope: FileScope, path: string): Promise<Answer<string>> {
  const target = await resolveExisting(scope.workspace, path);
  if (!target.ok) return target;
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  try {
    const parts = relative(scope.workspace, target.value).split(sep);
    const folder = await openFolder(scope.workspace, parts.slice(0, -1), { create: false });
    // Non-blocking: opening a named pipe must not wait for a writer.
    const file = await open(folder.entry(parts.at(-1) ?? ''), O_RDONLY | O_NOFOLLOW | O_NONBLOCK).finally(
      folder.close,
    );
    try {
      const facts = await file.stat();
      if (facts.isDirectory()) return { ok: false, message: `${path}: it is a folder` };
      if (!facts.isFile()) return { ok: false, message: `${path}: it is not a regular file` };
      if (facts.size > scope.fileBytes) return tooLarge(path, facts.size, scope.fileBytes);
      return decode(path, await readAtMost(file, scope.fileBytes + 1), scope.fileBytes);
    } finally {
      await file.close();
    }
  } catch (error) {
    return { ok: false, message: `${path}: ${describe(error)}` };
  }
}

/**
 * Replaces or creates a file through a new one beside it: a cut write leaves the old content, and a file that is
 * linked from elsewhere (a package store) keeps its content there. Keeps the permission bits. Where the file alone is
 * writable and nothing beside it, it is written in place.
 */
export async function writeTextFile(
  scope: FileScope,
  path: string,
  content: string,
): Promise<Answer<{ isNew: boolean }>> {
  if (!content.isWellFormed()) return { ok: false, message: `${path}: the content is not valid Unicode` };
  const bytes = Buffer.from(content, 'utf8');
  if (bytes.length > scope.fileBytes) return tooLarge(path, bytes.length, scope.fileBytes);
  const target = await resolveTarget(scope.workspace, path);
  if (!target.ok) return target;
  try {
    const parts = relative(scope.workspace, target.value).split(sep);
    const name = parts.pop() ?? '';
    const folder = await openFolder(scope.workspace, parts, { create: true });
    try {
      return await writeIn(folder, name, { path, bytes });
    } finally {
      await folder.close();
    }
  } catch (error) {
    return { ok: false, message: `${path}: ${describe(error)}` };
  }
}

async function writeIn(
  folder: OpenFolder,
  name: string,
  { path, bytes }: { path: string; bytes: Buffer },
): Promise<Answer<{ isNew: boolean }>> {
  const old = await lstat(folder.entry(name)).catch(() => null);
  if (old?.isSymbolicLink())
    return { ok: false, message: `${path}: it is a symbolic link; write to its target` };
  if (old?.isDirectory()) return { ok: false, message: `${path}: it is a folder` };
  if (old !== null && !old.isFile()) return { ok: false, message: `${path}: it is not a regular file` };
  const mode = old === null ? 0o666 & ~process.umask() : old.mode & 0o777;
  try {
    await replaceFile(folder, name, { bytes, mode });
  } catch (error) {
    if (old === null || old.nlink > 1 || !isMountedAlone(error)) throw error;
    await overwriteFile(folder, name, bytes);
  }
  return { ok: true, value: { isNew: old === null } };
}

async function replaceFile(
  folder: OpenFolder,
  name: string,
  { bytes, mode }: { bytes: Buffer; mode: number },
): Promise<void> {
  // A cell that is killed in between leaves it; captures leave out what has this name (workspaces/list-changes.ts).
  const draft = folder.entry(`.meshwright-${randomBytes(6).toString('hex')}.draft`);
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  try {
    const file = await open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    try {
      await file.writeFile(bytes);
      await file.chmod(mode);
    } finally {
      await file.close();
    }
    await rename(draft, folder.entry(name));
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** A new file cannot stand beside it, or not take its place. */
function isMountedAlone(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return code === 'EROFS' || code === 'EBUSY';
}

async function overwriteFile(folder: OpenFolder, name: string, bytes: Buffer): Promise<void> {
  const { O_WRONLY, O_TRUNC, O_NOFOLLOW } = constants;
  const file = await open(folder.entry(name), O_WRONLY | O_TRUNC | O_NOFOLLOW);
  try {
    await file.writeFile(bytes);
  } finally {
    await file.close();
  }
}

/** A file can grow after its size was asked for. */
async function readAtMost(file: Awaited<ReturnType<typeof open>>, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of file.createReadStream({ autoClose: false, end: limit - 1 })) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function decode(path: string, bytes: Buffer, limit: number): Answer<string> {
  if (bytes.length > limit) return tooLarge(path, bytes.length, limit);
  if (bytes.includes(0))
    return { ok: false, message: `${path}: it is a binary file (${bytes.length} bytes)` };
  try {
    return { ok: true, value: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return {
      ok: false,
      message: `${path}: it is not valid UTF-8 text (${bytes.length} bytes); convert it first`,
    };
  }
}

function tooLarge(path: string, size: number, limit: number): Answer<never> {
  return {
    ok: false,
    message: `${path}: ${size} bytes are more than the limit of ${limit}; use a command for it`,
  };
}
