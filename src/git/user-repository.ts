/**
 * What the platform may know of the user's own repository before it starts. Reads only; the one thing it ever does
 * there, moving a branch forward, is in advance-branch.ts.
 */
import { realpath, stat } from 'node:fs/promises';
import { relative, sep } from 'node:path';
import { MeshwrightError } from '../base/errors.ts';
import { requireGit } from './git-version.ts';
import { type GitRequest, listGit, readGit, runGit } from './run-git.ts';

export interface RepositoryFacts {
  /** Absolute path of the work tree's top folder. */
  root: string;
  /** Absolute path of the git directory that all its worktrees share. */
  gitDir: string;
  /** Null when HEAD is detached. */
  branch: string | null;
  /** Commit of HEAD; null when nothing was committed yet. */
  head: string | null;
  isClean: boolean;
  /** First five paths that differ from HEAD, untracked ones included, ignored ones not. */
  dirtyFiles: string[];
  dirtyCount: number;
  isShallow: boolean;
}

const shownFiles = 5;

/**
 * Looks at the repository that contains `dir`. `allowEmpty` returns facts with `head: null` instead of refusing.
 * @throws MeshwrightError `not_a_repository`, `empty_repository` (both exit 2), `git_missing`, `git_too_old`.
 */
export async function inspectRepository(
  dir: string,
  options: { allowEmpty?: boolean } = {},
): Promise<RepositoryFacts> {
  await requireGit();
  const root = await findRoot(dir);
  const git = await inUserRepository(root);
  const [gitDir = '', isShallow = 'false'] = (
    await readGit(git(['rev-parse', '--path-format=absolute', '--git-common-dir', '--is-shallow-repository']))
  ).split('\n');
  const head = await readAnswer(git(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}']));
  if (head === null && options.allowEmpty !== true) {
    throw new MeshwrightError('empty_repository', `${root} has no commit yet`, {
      hint: 'Commit something first: git add -A && git commit -m "Start".',
      exitCode: 2,
    });
  }
  const branch = await readAnswer(git(['symbolic-ref', '--quiet', '--short', 'HEAD']));
  const dirty = await listDirtyFiles(git);
  return {
    root,
    gitDir,
    branch,
    head,
    isClean: dirty.length === 0,
    dirtyFiles: dirty.slice(0, shownFiles),
    dirtyCount: dirty.length,
    isShallow: isShallow === 'true',
  };
}

export type InUserRepository = (args: readonly string[], more?: Partial<GitRequest>) => GitRequest;

/**
 * How git is called in the user's repository: with the person's own ignore file and line endings when the repository
 * is theirs; when it belongs to somebody else, without any settings of ours and without the filters it configures.
 */
export async function inUserRepository(root: string): Promise<InUserRepository> {
  const owner = (await stat(root)).uid;
  if (process.getuid === undefined || owner === process.getuid()) {
    return (args, more = {}) => ({ args, cwd: root, trust: 'user', ...more });
  }
  const { stdout } = await runGit({
    args: ['config', '--local', '--includes', '--name-only', '-z', '--get-regexp', '^filter\\.'],
    cwd: root,
    answers: [1],
  });
  const names = stdout.toString('utf8').split('\0').filter(Boolean);
  const config = names.map((name) => (name.endsWith('.required') ? `${name}=false` : `${name}=`));
  return (args, more = {}) => ({ args, cwd: root, config, ...more });
}

/** Paths that differ from HEAD in the index or the work tree, and untracked ones. */
export async function listDirtyFiles(
  git: InUserRepository,
  options: { untracked?: boolean; cwd?: string } = {},
): Promise<string[]> {
  const untracked = options.untracked === false ? 'no' : 'all';
  const records = await listGit(
    git(
      [
        'status',
        '--porcelain=v1',
        '-z',
        '--no-renames',
        `--untracked-files=${untracked}`,
        '--ignore-submodules=dirty',
      ],
      options.cwd === undefined ? {} : { cwd: options.cwd },
    ),
  );
  return records.map((record) => record.slice(3));
}

/** Null for exit code 1 (and 128 where git says so for "nothing there"). */
export async function readAnswer(request: GitRequest): Promise<string | null> {
  const { exitCode, stdout } = await runGit({ ...request, answers: [1, 128] });
  return exitCode === 0 ? stdout.toString('utf8').trim() : null;
}

async function findRoot(dir: string): Promise<string> {
  const folder = await stat(dir).catch(() => null);
  if (!folder?.isDirectory()) {
    throw new MeshwrightError('not_a_repository', `there is no folder ${dir}`, {
      hint: 'Name the folder of a git repository.',
      exitCode: 2,
    });
  }
  const answer = await runGit({ args: ['rev-parse', '--show-toplevel'], cwd: dir, answers: [128] });
  if (answer.exitCode === 0) {
    const root = await realpath(answer.stdout.toString('utf8').replace(/\n$/, ''));
    const way = relative(root, await realpath(dir));
    if (way !== '..' && !way.startsWith(`..${sep}`)) return root;
    throw new MeshwrightError(
      'not_a_repository',
      `the repository in ${dir} says that its files are in ${root} (core.worktree): that is not where it was asked for`,
      { hint: `Run in ${root}, or git config --unset core.worktree.`, exitCode: 2 },
    );
  }
  const isBare = /must be run in a work tree/.test(answer.stderr);
  throw new MeshwrightError(
    'not_a_repository',
    isBare ? `${dir} is a bare git repository, without files` : `${dir} is not in a git repository`,
    {
      hint: isBare ? 'Clone it and run there.' : 'Run git init there, and commit something.',
      exitCode: 2,
    },
  );
}
