/**
 * A mirror as one file, and back: a git bundle of every ref and every commit, also those that no ref reaches any more,
 * because the journal names them. Decides nothing about where the files lie.
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { openMirror } from './open-mirror.ts';
import { type GitRequest, readGit, runGit } from './run-git.ts';

const timeoutMs = 3_600_000;

/** False when there is nothing to write: a mirror without refs. Refs may move meanwhile; each is as it was at one moment. */
export async function bundleMirror(dir: string, file: string): Promise<boolean> {
  const refs = await readMirrorRefs(dir);
  if (refs.size === 0) return false;
  const all = await readGit(
    inMirror(dir, [
      'cat-file',
      '--batch-all-objects',
      '--unordered',
      '--batch-check=%(objecttype) %(objectname)',
    ]),
  );
  const reachable = new Set((await readGit(inMirror(dir, ['rev-list', '--all']))).split('\n'));
  const left = all
    .split('\n')
    .filter((line) => line.startsWith('commit '))
    .map((line) => line.slice('commit '.length))
    .filter((commit) => !reachable.has(commit));
  const stdin = left.map((commit) => `${commit}\n`).join('');
  await runGit({ ...inMirror(dir, ['bundle', 'create', '--quiet', file, '--all', '--stdin']), stdin });
  return true;
}

/** Makes the mirror at `dir` from a bundle, whole or not at all. `dir` must not exist. */
export async function unbundleMirror(file: string, dir: string): Promise<void> {
  const draft = join(dirname(dir), `.${basename(dir)}.${randomBytes(6).toString('hex')}`);
  try {
    await openMirror(draft);
    await runGit(inMirror(draft, ['fetch', '--quiet', '--no-tags', '--', file, '+refs/*:refs/*']));
    await rename(draft, dir);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** Every ref with its commit; of a folder that is no mirror, none. */
export async function readMirrorRefs(dir: string): Promise<Map<string, string>> {
  if (!existsSync(join(dir, 'HEAD'))) return new Map();
  return parseRefs(await readGit(inMirror(dir, ['for-each-ref', '--format=%(objectname) %(refname)'])));
}

export async function readBundleRefs(file: string): Promise<Map<string, string>> {
  return parseRefs(await readGit({ args: ['bundle', 'list-heads', file], cwd: dirname(file), timeoutMs }));
}

function parseRefs(text: string): Map<string, string> {
  const lines = text.split('\n').filter((line) => line.includes(' refs/'));
  return new Map(lines.map((line) => [line.slice(line.indexOf(' ') + 1), line.slice(0, line.indexOf(' '))]));
}

function inMirror(dir: string, args: readonly string[]): GitRequest {
  return { args, cwd: dir, gitDir: dir, timeoutMs };
}
