/**
 * Opens folders of the workspace one by one, so that nothing that is swapped for a link between the check of a path and
 * its use leads anywhere else. Uses the system's own names of open folders (/proc/self/fd, Linux); elsewhere paths are
 * checked and used, which a fast enough command could get between.
 */
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';

export interface OpenFolder {
  /** Path of an entry in exactly this folder, whatever became of the folder's name. */
  entry(name: string): string;
  close(): Promise<void>;
}

/**
 * `parts`: names without links below `workspace`.
 * @throws the system's error; ELOOP or ENOTDIR where a part is a link by now.
 */
export async function openFolder(
  workspace: string,
  parts: readonly string[],
  options: { create: boolean },
): Promise<OpenFolder> {
  if (process.platform !== 'linux') return namedFolder(workspace, parts, options);
  const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants;
  let handle: FileHandle = await open(workspace, O_RDONLY | O_DIRECTORY);
  for (const part of parts) {
    try {
      const path = `/proc/self/fd/${handle.fd}/${part}`;
      if (options.create) await mkdir(path).catch(ignoreExisting);
      const next = await open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
      await handle.close();
      handle = next;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }
  return { entry: (name) => `/proc/self/fd/${handle.fd}/${name}`, close: () => handle.close() };
}

async function namedFolder(
  workspace: string,
  parts: readonly string[],
  options: { create: boolean },
): Promise<OpenFolder> {
  const folder = join(workspace, ...parts);
  if (options.create) await mkdir(folder, { recursive: true });
  return { entry: (name) => join(folder, name), close: async () => {} };
}

function ignoreExisting(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
}
