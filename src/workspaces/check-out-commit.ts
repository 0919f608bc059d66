/**
 * Puts the files of a commit into a fresh folder, with a git directory for the agent that shares the mirror's objects
 * and nothing else: no remote, no hooks, no configuration of anybody.
 */
import { copyFile, lstat, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type GitRequest, runGit } from '../git/run-git.ts';
import type { PrepareRequest } from './workspace.ts';

export interface Checkout {
  /** The work tree: what the cell sees. */
  tree: string;
  commit: string;
  mirrorDir: string;
  /** The platform's own index of the tree, outside of what the cell sees. */
  index: string;
  /** Where new objects go; absent: to the mirror. */
  objectDir?: string;
  /** Paths a cell must be able to read for git to work in the tree. */
  readable: string[];
}

export async function checkOutCommit(
  request: Pick<PrepareRequest, 'mirror' | 'commit' | 'signal'> & { dir: string },
): Promise<Checkout> {
  const { mirror, commit, dir, signal } = request;
  const checkout = checkoutAt(dir, { commit, mirrorDir: mirror.dir });
  await mkdir(checkout.tree, { recursive: true });
  await runGit({ ...onCheckout(checkout, ['read-tree', '--reset', '-u', commit]), signal });
  await writeAgentGit(checkout);
  return checkout;
}

/** Where everything of a checkout is, whether it exists or not. */
export function checkoutAt(dir: string, from: { commit: string; mirrorDir: string }): Checkout {
  const { commit, mirrorDir } = from;
  return {
    tree: join(dir, 'tree'),
    commit,
    mirrorDir,
    index: join(dir, 'index'),
    readable: [join(mirrorDir, 'objects')],
  };
}

/**
 * git on the tree with the mirror as its git directory and the platform's index: whatever the tree contains, its own
 * `.git` included, is data.
 */
export function onCheckout(checkout: Checkout, args: readonly string[]): GitRequest {
  const { tree, mirrorDir, index, objectDir } = checkout;
  // The mirror is bare; the work tree given by the environment wins over that.
  return { args, cwd: tree, gitDir: mirrorDir, workTree: tree, indexFile: index, objectDir };
}

/**
 * Names kept out of the agent's `git status`; the platform's own list of them is elsewhere. By now commands of set-up have
 * run: where they made something else of the folder, or put a link there, nothing is written.
 */
export async function writeAgentExcludes(checkout: Checkout, outputs: readonly string[]): Promise<void> {
  const lines = outputs.map((path) => `/${path.replace(/([\\*?[ ])/g, '\\$1')}\n`);
  for (const folder of ['.git', '.git/info']) {
    const facts = await lstat(join(checkout.tree, folder)).catch(() => null);
    if (!facts?.isDirectory()) return;
  }
  const place = join(checkout.tree, '.git', 'info', 'exclude');
  await rm(place, { force: true, recursive: true });
  await writeFile(place, lines.join(''), { flag: 'wx' });
}

/** What `git clone --shared` would make, written by hand: no process, no remote, a branch at the commit. */
async function writeAgentGit(checkout: Checkout): Promise<void> {
  const git = join(checkout.tree, '.git');
  await mkdir(join(git, 'objects', 'info'), { recursive: true });
  await mkdir(join(git, 'refs', 'heads'), { recursive: true });
  await mkdir(join(git, 'info'));
  await writeFile(join(git, 'HEAD'), 'ref: refs/heads/work\n');
  await writeFile(join(git, 'refs', 'heads', 'work'), `${checkout.commit}\n`);
  await writeFile(join(git, 'objects', 'info', 'alternates'), `${join(checkout.mirrorDir, 'objects')}\n`);
  await writeFile(
    join(git, 'config'),
    '[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n' +
      '[user]\n\tname = Agent\n\temail = agent@localhost\n[gc]\n\tauto = 0\n',
  );
  await copyFile(checkout.index, join(git, 'index'));
  await copyFile(join(checkout.mirrorDir, 'shallow'), join(git, 'shallow')).catch(() => undefined);
}
