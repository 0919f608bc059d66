/**
 * Keeps what a capture reads out of the mirror until it was looked through: the mirror is never pruned, so a secret that was in
 * it once would stay. New objects go to a folder of the workspace, and those of an accepted tree from there to the mirror.
 */
import { randomBytes } from 'node:crypto';
import { copyFile, mkdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readGit } from '../git/run-git.ts';
import { type Checkout, onCheckout } from './check-out-commit.ts';

/** The folder is beside the tree, where no cell sees it, and goes with the workspace. */
export async function holdObjects(checkout: Checkout): Promise<Checkout> {
  const objectDir = join(dirname(checkout.index), 'objects');
  await mkdir(objectDir, { recursive: true });
  return { ...checkout, objectDir };
}

/** Gives the mirror the tree and what is new in it: contents before the folders that name them, each whole or not at all. */
export async function releaseObjects(held: Checkout, tree: string): Promise<void> {
  const { objectDir, mirrorDir, commit } = held;
  if (objectDir === undefined) return;
  const args = ['rev-list', '--objects', '--no-object-names', tree, `^${commit}`];
  const objects = (await readGit(onCheckout(held, args))).split('\n').filter(Boolean);
  for (const object of objects.reverse()) {
    const [folder, file] = [object.slice(0, 2), object.slice(2)];
    const place = join(mirrorDir, 'objects', folder, file);
    const draft = join(mirrorDir, 'objects', folder, `tmp_obj_${randomBytes(6).toString('hex')}`);
    await mkdir(dirname(place), { recursive: true });
    try {
      await copyFile(join(objectDir, folder, file), draft);
    } catch (error) {
      // The mirror had it before.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue;
      throw error;
    }
    await rename(draft, place);
  }
}
