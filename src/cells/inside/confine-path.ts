/**
 * Decides whether a path that a model named lies in the workspace and is a file's own name: what a link leads to was judged
 * by nobody. `.git` never lies in it.
 */
import { realpath } from 'node:fs/promises';
import { basename, dirname, join, posix, relative, sep } from 'node:path';
import type { Answer } from './protocol.ts';

/** Relative, normalised and without `.git`; pure. `.` is the workspace itself. */
export function checkPath(path: string): Answer<string> {
  if (path === '') return refuse(path, 'it is empty');
  if (path.includes('\0')) return refuse(path, 'it contains a NUL character');
  if (!path.isWellFormed()) return refuse(path, 'it is not valid Unicode');
  if (path.startsWith('/')) return refuse(path, 'it is absolute; name it relative to the workspace');
  const normal = posix.normalize(path).replace(/\/$/, '');
  if (normal === '..' || normal.startsWith('../')) return refuse(path, 'it leads out of the workspace');
  if (hasGitFolder(normal)) return refuse(path, 'the .git folder is not part of the workspace');
  return { ok: true, value: normal };
}

/** Absolute path of something that exists, with every link resolved. */
export async function resolveExisting(workspace: string, path: string): Promise<Answer<string>> {
  const checked = checkPath(path);
  if (!checked.ok) return checked;
  try {
    const resolved = await realpath(join(workspace, checked.value));
    const inside = stayInside(workspace, path, resolved);
    return inside.ok ? isOwnName(workspace, checked.value, resolved) : inside;
  } catch (error) {
    return { ok: false, message: `${path}: ${describe(error)}` };
  }
}

/**
 * Absolute path of a file to be written: its deepest existing folder with links resolved, then the rest. The last
 * component is not resolved; whoever opens it must refuse a link there.
 */
export async function resolveTarget(workspace: string, path: string): Promise<Answer<string>> {
  const checked = checkPath(path);
  if (!checked.ok) return checked;
  if (checked.value === '.') return { ok: false, message: `${path}: it is a folder` };
  let folder = dirname(join(workspace, checked.value));
  const missing: string[] = [basename(checked.value)];
  for (;;) {
    try {
      const inside = stayInside(workspace, path, await realpath(folder));
      return inside.ok ? isOwnName(workspace, checked.value, join(inside.value, ...missing)) : inside;
    } catch (error) {
      if (!isMissing(error)) return { ok: false, message: `${path}: ${describe(error)}` };
      missing.unshift(basename(folder));
      folder = dirname(folder);
    }
  }
}

export function describe(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  switch (code) {
    case 'ENOENT':
      return 'no such file or folder';
    case 'ENOTDIR':
      return 'a part of the path is a file, not a folder';
    case 'EISDIR':
      return 'it is a folder';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'EROFS':
      return 'the workspace is read-only for this role';
    case 'ELOOP':
      return 'it is a symbolic link';
    case 'ENAMETOOLONG':
      return 'the name is too long';
    case 'ENOSPC':
      return 'no space left';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}

/** The own name is told, so that the next call can be judged by it. */
function isOwnName(workspace: string, path: string, resolved: string): Answer<string> {
  const own = relative(workspace, resolved);
  if (own === path || (own === '' && path === '.')) return { ok: true, value: resolved };
  return refuse(path, `it leads through a symbolic link to ${JSON.stringify(own)}; use that name`);
}

function stayInside(workspace: string, path: string, resolved: string): Answer<string> {
  const inner = relative(workspace, resolved);
  if (inner === '..' || inner.startsWith(`..${sep}`)) {
    return refuse(path, 'it leads out of the workspace through a symbolic link');
  }
  if (hasGitFolder(inner)) return refuse(path, 'the .git folder is not part of the workspace');
  return { ok: true, value: resolved };
}

/** Case does not matter: on some file systems `.GIT` is the same folder. */
function hasGitFolder(path: string): boolean {
  return path.split(/[\\/]/).some((part) => part.toLowerCase() === '.git');
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function refuse(path: string, why: string): Answer<never> {
  return { ok: false, message: `${JSON.stringify(path)} is refused: ${why}` };
}
