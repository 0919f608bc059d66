/**
 * Creates and opens the platform's bare repository of a project and implements the Mirror port on it. Decides
 * nothing: refs are moved by compare-and-swap, merges are reported, never resolved.
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { MeshwrightError } from '../base/errors.ts';
import { advanceBranch } from './advance-branch.ts';
import { requireRefName, requireRevision } from './check-names.ts';
import { isDescendant } from './fetch-commit.ts';
import { requireGit } from './git-version.ts';
import { importBranch } from './import-branch.ts';
import type { Mirror } from './mirror.ts';
import { type GitRequest, listGit, readGit, runGit } from './run-git.ts';

/** Objects and refs are on disk before a command says so: the journal records their ids as facts. */
const mirrorSettings: readonly (readonly [string, string])[] = [
  ['core.fsync', 'committed,reference'],
  ['core.fsyncMethod', 'batch'],
  ['core.logAllRefUpdates', 'false'],
  ['gc.auto', '0'],
  ['gc.pruneExpire', 'never'],
  ['maintenance.auto', 'false'],
  ['uploadpack.allowAnySHA1InWant', 'true'],
];

/**
 * Opens the mirror at `dir`, creating it when missing; several processes may do so at once.
 * @throws MeshwrightError `git_missing`, `git_too_old`, `git_failed`.
 */
export async function openMirror(dir: string): Promise<Mirror> {
  await requireGit();
  if (!isRepository(dir)) await createMirror(dir);
  const git = inMirror(dir);
  return {
    dir,
    importBranch: (repository, branch) => importBranch({ mirrorDir: dir, repository, branch }),
    resolve: (refOrCommit) => resolve(git, refOrCommit),
    treeOf: (commit) => readGit(git(['rev-parse', '--verify', '--end-of-options', `${commit}^{tree}`])),
    mergeTree: (request) => mergeTree(git, request),
    commitTree: (request) => commitTree(git, request),
    advanceBranch: (request) => advanceBranch({ ...request, mirrorDir: dir }),
    moveRef: (ref, from, to) => moveRef(git, ref, { from, to }),
    findByTrailer: (ref, name, value) => findByTrailer(git, ref, { name, value }),
    isDescendant: (commit, ancestor) => isDescendant(dir, commit, ancestor),
    changedFiles: (from, to) => changedFiles(git, from, to),
    diff: (from, to) => readDiff(git, from, to),
    show: (commit, path) => show(git, commit, path),
  };
}

type InMirror = (args: readonly string[], more?: Partial<GitRequest>) => GitRequest;

function inMirror(dir: string): InMirror {
  return (args, more = {}) => ({ args, cwd: dir, gitDir: dir, ...more });
}

function isRepository(dir: string): boolean {
  return existsSync(join(dir, 'HEAD')) && existsSync(join(dir, 'objects'));
}

/** Made beside its place and renamed into it: nobody ever sees half a repository, and the first one wins. */
async function createMirror(dir: string): Promise<void> {
  await mkdir(dirname(dir), { recursive: true });
  const draft = join(dirname(dir), `.${basename(dir)}.${randomBytes(6).toString('hex')}`);
  try {
    await runGit({
      args: ['init', '--quiet', '--bare', '--template=', '--initial-branch=main', draft],
      cwd: dirname(dir),
    });
    for (const [name, value] of mirrorSettings) {
      await runGit({ args: ['config', name, value], cwd: draft, gitDir: draft });
    }
    await rename(draft, dir);
  } catch (error) {
    if (!isRepository(dir)) throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function resolve(git: InMirror, refOrCommit: string): Promise<string | null> {
  const { exitCode, stdout } = await runGit(
    git(['rev-parse', '--verify', '--quiet', '--end-of-options', `${refOrCommit}^{commit}`], {
      answers: [1, 128],
    }),
  );
  return exitCode === 0 ? stdout.toString('utf8').trim() : null;
}

async function mergeTree(
  git: InMirror,
  request: { ours: string; theirs: string },
): ReturnType<Mirror['mergeTree']> {
  for (const commit of [request.ours, request.theirs]) requireRevision(commit);
  const { exitCode, stdout } = await runGit(
    git(['merge-tree', '--write-tree', '-z', '--name-only', '--no-messages', request.ours, request.theirs], {
      answers: [1],
    }),
  );
  const [tree = '', ...conflicts] = stdout.toString('utf8').split('\0');
  if (exitCode === 0) return { ok: true, tree: tree.trim() };
  return {
    ok: false,
    tree: tree.trim(),
    conflicts: [...new Set(conflicts.filter((path) => path !== ''))].sort(),
  };
}

async function commitTree(git: InMirror, request: Parameters<Mirror['commitTree']>[0]): Promise<string> {
  for (const id of [request.tree, ...request.parents]) requireRevision(id);
  const date = `${Math.floor(request.at / 1000)} +0000`;
  const name = cleanIdentity(request.authorName);
  const email = cleanIdentity(request.authorEmail);
  return readGit(
    git(['commit-tree', ...request.parents.flatMap((parent) => ['-p', parent]), '-F', '-', request.tree], {
      stdin: messageWithTrailers(request.message, request.trailers),
      identity: {
        GIT_AUTHOR_NAME: name,
        GIT_AUTHOR_EMAIL: email,
        GIT_AUTHOR_DATE: date,
        GIT_COMMITTER_NAME: name,
        GIT_COMMITTER_EMAIL: email,
        GIT_COMMITTER_DATE: date,
      },
    }),
  );
}

/**
 * The message with its trailers as the last paragraph. Lines of the message that look like one of our trailers are
 * indented: what a model writes into a message must not pass for the platform's own mark.
 */
export function messageWithTrailers(message: string, trailers: Readonly<Record<string, string>>): string {
  const names = Object.keys(trailers);
  const body = message
    .replaceAll('\0', '')
    .trim()
    .split('\n')
    .map((line) =>
      names.some((name) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`)) ? `  ${line}` : line,
    )
    .join('\n');
  if (names.length === 0) return `${body}\n`;
  const block = Object.entries(trailers).map(([name, value]) => `${name}: ${value.replace(/\s+/g, ' ')}`);
  return `${body}\n\n${block.join('\n')}\n`;
}

/** git refuses a name made only of these characters and drops them elsewhere. */
function cleanIdentity(text: string): string {
  return text.replace(/[<>\n\0]/g, ' ').trim() || 'unknown';
}

async function moveRef(
  git: InMirror,
  ref: string,
  move: { from: string | null; to: string },
): Promise<boolean> {
  requireRefName(ref);
  requireRevision(move.to);
  // All zeros: the ref must not exist. A ref's lock is held for milliseconds, so losing the race is an answer.
  const from = move.from ?? '0'.repeat(move.to.length);
  const stdin = `update ${ref}\0${move.to}\0${from}\0`;
  const { exitCode, stderr } = await runGit(
    git(['update-ref', '--no-deref', '-z', '--stdin'], { stdin, answers: [1, 128] }),
  );
  if (exitCode === 0) return true;
  const now = await readRef(git, ref);
  if (now !== move.from) return false;
  throw new MeshwrightError('git_failed', `cannot move ${ref} to ${move.to}: ${stderr.trim()}`);
}

async function readRef(git: InMirror, ref: string): Promise<string | null> {
  const { exitCode, stdout } = await runGit(
    git(['show-ref', '--verify', '--hash', ref], { answers: [1, 128] }),
  );
  return exitCode === 0 ? stdout.toString('utf8').trim() : null;
}

async function findByTrailer(
  git: InMirror,
  ref: string,
  trailer: { name: string; value: string },
): Promise<string | null> {
  requireRevision(ref);
  if ((await resolve(git, ref)) === null) return null;
  const format = `--format=%H%x00%(trailers:key=${trailer.name},valueonly,unfold,separator=%x01)%x00`;
  // --grep only narrows; the trailers themselves decide.
  const narrow = ['--fixed-strings', `--grep=${trailer.name}: ${trailer.value}`];
  const text = await readGit(git(['log', '-z', format, ...narrow, ref, '--']));
  const fields = text.split('\0');
  for (let index = 0; index + 1 < fields.length; index += 3) {
    const values = (fields[index + 1] ?? '').split('\x01').map((value) => value.trim());
    if (values.includes(trailer.value)) return fields[index] ?? null;
  }
  return null;
}

async function changedFiles(git: InMirror, from: string, to: string): Promise<string[]> {
  for (const commit of [from, to]) requireRevision(commit);
  return listGit(git(['diff-tree', '-r', '-z', '--name-only', '--no-renames', from, to]));
}

async function readDiff(git: InMirror, from: string, to: string): Promise<string> {
  for (const commit of [from, to]) requireRevision(commit);
  const { stdout } = await runGit(
    git(['diff-tree', '-p', '--no-ext-diff', '--no-textconv', '--no-color', '--find-renames', from, to]),
  );
  return stdout.toString('utf8');
}

async function show(git: InMirror, commit: string, path: string): Promise<string | null> {
  const { exitCode, stdout } = await runGit(
    git(['cat-file', 'blob', `${commit}:${path}`], { answers: [128] }),
  );
  return exitCode === 0 ? stdout.toString('utf8') : null;
}
