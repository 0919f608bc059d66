/**
 * Takes the files of a workspace out as a tree of the mirror. The workspace is hostile: its git directory is never
 * opened, nested repositories are plain folders, and no step of this starts a program other than our own git.
 */
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { listGit, readGit, runGit } from '../git/run-git.ts';
import { type Checkout, onCheckout } from './check-out-commit.ts';

/** Entries of nested repositories beyond this are a runaway, not work. */
const nestedEntries = 100_000;

/**
 * Id of the tree as the files are now, git-ignored files and `outputs` (paths of set-up) left out. Not `git add`: that
 * records nested repositories as links and, once it has, starts git inside them with the agent's configuration.
 */
export async function captureTree(checkout: Checkout, outputs: readonly string[]): Promise<string> {
  const isOutput = outputMatcher(outputs);
  const changed = await listChanged(checkout);
  const untracked = (await listUntracked(checkout)).filter((path) => !isOutput(path));
  const present: string[] = [];
  const absent: string[] = [];
  for (const path of changed) ((await isCapturable(checkout.tree, path)) ? present : absent).push(path);
  for (const path of untracked) if (await isCapturable(checkout.tree, path)) present.push(path);
  await updateIndex(checkout, ['--force-remove'], absent);
  await updateIndex(checkout, ['--add', '--replace'], present);
  return readGit(onCheckout(checkout, ['write-tree']));
}

/** True for an output and everything below it. */
function outputMatcher(outputs: readonly string[]): (path: string) => boolean {
  const roots = outputs.map((output) => output.replace(/\/$/, ''));
  return (path) => roots.some((root) => path === root || path.startsWith(`${root}/`));
}

/** Tracked paths whose file differs or is gone; links to other repositories stay as they are. */
async function listChanged(checkout: Checkout): Promise<string[]> {
  const fields = await listGit(
    onCheckout(checkout, ['diff-files', '--raw', '-z', '--ignore-submodules=all']),
  );
  const paths: string[] = [];
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const isLink = fields[index]?.startsWith(':160000');
    if (!isLink) paths.push(fields[index + 1] ?? '');
  }
  return paths;
}

async function listUntracked(checkout: Checkout): Promise<string[]> {
  const args = ['ls-files', '--others', '--exclude-standard', '-z'];
  const paths: string[] = [];
  for (const path of await listGit(onCheckout(checkout, args))) {
    // Only a folder that looks like a repository is listed as one.
    if (path.endsWith('/')) paths.push(...(await listNested(checkout, path.slice(0, -1))));
    else paths.push(path);
  }
  return paths;
}

async function listNested(checkout: Checkout, folder: string): Promise<string[]> {
  const files: string[] = [];
  const folders = [folder];
  for (let next = folders.pop(); next !== undefined && files.length < nestedEntries; next = folders.pop()) {
    for (const entry of await readdir(join(checkout.tree, next), { withFileTypes: true })) {
      const path = `${next}/${entry.name}`;
      if (entry.name.toLowerCase() === '.git') continue;
      if (entry.isDirectory()) folders.push(path);
      else files.push(path);
    }
  }
  if (files.length === 0) return [];
  const request = onCheckout(checkout, ['check-ignore', '-z', '--stdin', '--no-index']);
  const ignored = await listGit({ ...request, stdin: nulTerminated(files), answers: [1] });
  const isIgnored = new Set(ignored);
  return files.filter((path) => !isIgnored.has(path));
}

/** Regular files and symbolic links; the rest (pipes, sockets, folders in a file's place) has no form in a tree. */
async function isCapturable(tree: string, path: string): Promise<boolean> {
  const facts = await lstat(join(tree, path)).catch(() => null);
  if (facts === null || !(facts.isFile() || facts.isSymbolicLink())) return false;
  // A folder that was replaced by a link: what lies behind it is not in the tree.
  const parts = path.split('/').slice(0, -1);
  for (let depth = 1; depth <= parts.length; depth += 1) {
    const parent = await lstat(join(tree, ...parts.slice(0, depth))).catch(() => null);
    if (!parent?.isDirectory()) return false;
  }
  return true;
}

async function updateIndex(
  checkout: Checkout,
  options: readonly string[],
  paths: readonly string[],
): Promise<void> {
  if (paths.length === 0) return;
  const args = ['update-index', ...options, '-z', '--stdin'];
  await runGit({ ...onCheckout(checkout, args), stdin: nulTerminated(paths) });
}

function nulTerminated(paths: readonly string[]): string {
  return paths.map((path) => `${path}\0`).join('');
}
