/** Takes folders away at once by renaming them, and deletes them one after another when nobody waits. */
import { mkdir, readdir, rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { removeFolder } from '../base/remove-folder.ts';

export interface Trash {
  /** The folder is gone from its place when this resolves. Idempotent. */
  throwAway(dir: string): Promise<void>;
  /** Resolves when everything in the trash is deleted. */
  empty(): Promise<void>;
}

/** @param root on the same file system as what is thrown away. */
export function createTrash(root: string, newId: () => string): Trash {
  let deleting: Promise<void> = Promise.resolve();
  const remove = (path: string) => {
    deleting = deleting.then(() => removeFolder(path)).catch(() => undefined);
    return deleting;
  };
  return {
    throwAway: async (dir) => {
      await mkdir(root, { recursive: true });
      const place = join(root, `${basename(dir)}.${newId()}`);
      try {
        await rename(dir, place);
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
        throw error;
      }
      void remove(place);
    },
    empty: async () => {
      const names = await readdir(root).catch(() => []);
      for (const name of names) void remove(join(root, name));
      await deleting;
    },
  };
}
