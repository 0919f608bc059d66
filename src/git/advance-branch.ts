/**
 * Moves a branch of the user's repository from one commit to the next, files included where it is checked out. Never
 * merges, never overwrites a person's work, runs no hook.
 */
import { existsSync, readFileSync } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { MeshwrightError } from '../base/errors.ts';
import { requireBranchName, requireRevision } from './check-names.ts';
import { listGit, readGit, runGit, uploadPackCommand } from './run-git.ts';
import { type InUserRepository, inUserRepository, listDirtyFiles, readAnswer } from './user-repository.ts';

const lockPatienceMs = 5_000;
const lockPollMs = 50;

export interface AdvanceRequest {
  /** Root of the user's repository. */
  repository: string;
  mirrorDir: string;
  /** Short name. */
  branch: string;
  from: string;
  to: string;
}

/**
 * `advanced`: the branch is at `to` (also when it was already); `moved`: it was neither at `from` nor at `to`;
 * `dirty`: a work tree that has it checked out has changes, an operation under way (another git command has been at
 * work there for five seconds, or left its lock), or files in the way.
 * The ref moves by compare-and-swap after the files; when it is lost, the files are put back.
 * @throws MeshwrightError `git_failed`, `restore_failed`, `branch_name_invalid`.
 */
export async function advanceBranch(request: AdvanceRequest): Promise<'advanced' | 'moved' | 'dirty'> {
  const { repository, mirrorDir, branch, from, to } = request;
  requireBranchName(branch);
  for (const commit of [from, to]) requireRevision(commit);
  const git = await inUserRepository(repository);
  const ref = `refs/heads/${branch}`;
  const fetchArgs = ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--update-shallow'];
  await runGit(git([...fetchArgs, `--upload-pack=${uploadPackCommand}`, mirrorDir, to]));

  const current = await readRef(git, ref);
  if (current === to) return 'advanced';
  if (current !== from) return 'moved';
  const trees = await findCheckouts(git, ref);
  if (trees.some((tree) => tree.isBusy) || trees.length > 1) return 'dirty';
  const tree = trees[0];
  if (tree === undefined) return (await swapRef(git, ref, { from, to })) ? 'advanced' : 'moved';
  return advanceCheckedOut((args, more) => git(args, { cwd: tree.path, ...more }), tree.path, {
    ref,
    from,
    to,
  });
}

interface Move {
  ref: string;
  from: string;
  to: string;
}

async function advanceCheckedOut(
  git: InUserRepository,
  worktree: string,
  move: Move,
): Promise<'advanced' | 'moved' | 'dirty'> {
  const { ref, from, to } = move;
  // An earlier attempt may have died between the files and the ref; then only the ref is missing.
  const isFilesDone = await areFilesAt(git, to);
  if (!isFilesDone) {
    await runGit(git(['update-index', '-q', '--refresh'], { answers: [1] }));
    if ((await listDirtyFiles(git, { untracked: false })).length > 0) return 'dirty';
    if (await isAnythingInTheWay(git, worktree, move)) return 'dirty';
    const { exitCode } = await runGit(git(['read-tree', '-m', '-u', from, to], { answers: [1, 128] }));
    if (exitCode !== 0) return 'dirty';
  }
  if (await swapRef(git, ref, { from, to })) return 'advanced';
  const restored = await runGit(git(['read-tree', '-m', '-u', to, from], { answers: [1, 128] }));
  if (restored.exitCode !== 0) {
    throw new MeshwrightError(
      'restore_failed',
      `${worktree} has the files of ${to}, but ${ref} moved elsewhere`,
      {
        hint: `Look at git status in ${worktree}; git reset --keep ${ref} brings the files back to the branch.`,
      },
    );
  }
  return 'moved';
}

async function areFilesAt(git: InUserRepository, commit: string): Promise<boolean> {
  const index = await runGit(git(['diff-index', '--cached', '--quiet', commit], { answers: [1] }));
  if (index.exitCode !== 0) return false;
  await runGit(git(['update-index', '-q', '--refresh'], { answers: [1] }));
  return (await runGit(git(['diff-files', '--quiet'], { answers: [1] }))).exitCode === 0;
}

/** True when a file that the new commit adds is already there, ignored or not: read-tree protects only some of them. */
async function isAnythingInTheWay(git: InUserRepository, worktree: string, move: Move): Promise<boolean> {
  const diff = ['diff-tree', '-r', '-z', '--name-only', '--no-renames'];
  const added = await listGit(git([...diff, '--diff-filter=A', move.from, move.to]));
  const removed = new Set(await listGit(git([...diff, '--diff-filter=D', move.from, move.to])));
  for (const path of added) {
    const parts = path.split('/');
    for (let depth = 1; depth <= parts.length; depth += 1) {
      const prefix = parts.slice(0, depth).join('/');
      if (removed.has(prefix)) break;
      const there = await lstat(join(worktree, prefix)).catch(() => null);
      if (there === null) break;
      if (!there.isDirectory()) return true;
      if (depth < parts.length) continue;
      const untracked = await listGit(git(['--literal-pathspecs', 'ls-files', '--others', '-z', '--', path]));
      if (untracked.length > 0) return true;
    }
  }
  return false;
}

interface Checkout {
  path: string;
  /** A merge, rebase or the like is under way on the branch. */
  isBusy: boolean;
}

async function findCheckouts(git: InUserRepository, ref: string): Promise<Checkout[]> {
  const found: Checkout[] = [];
  let path = '';
  for (const record of await listGit(git(['worktree', 'list', '--porcelain', '-z']))) {
    if (record.startsWith('worktree ')) path = record.slice('worktree '.length);
    const isHere = record === `branch ${ref}`;
    // A rebase detaches HEAD and remembers the branch it will move when it ends.
    if ((!isHere && record !== 'detached') || !existsSync(path)) continue;
    const gitDir = await readGit(git(['rev-parse', '--absolute-git-dir'], { cwd: path }));
    const isBusy = isHere
      ? isOperationUnderWay(gitDir) || (await isIndexLocked(gitDir))
      : isRebasing(gitDir, ref);
    if (isHere || isBusy) found.push({ path, isBusy });
  }
  return found;
}

function isOperationUnderWay(gitDir: string): boolean {
  return ['MERGE_HEAD', 'CHERRY_PICK_HEAD', 'REVERT_HEAD', 'rebase-merge', 'rebase-apply'].some((name) =>
    existsSync(join(gitDir, name)),
  );
}

/** An editor's git status holds it for a moment; a git that a dead worker started may still be at its work. */
async function isIndexLocked(gitDir: string): Promise<boolean> {
  const lock = join(gitDir, 'index.lock');
  for (let waitedMs = 0; existsSync(lock); waitedMs += lockPollMs) {
    if (waitedMs >= lockPatienceMs) return true;
    await delay(lockPollMs);
  }
  return false;
}

function isRebasing(gitDir: string, ref: string): boolean {
  return ['rebase-merge', 'rebase-apply'].some((name) => {
    const headName = join(gitDir, name, 'head-name');
    return existsSync(headName) && readFileSync(headName, 'utf8').trim() === ref;
  });
}

async function readRef(git: InUserRepository, ref: string): Promise<string | null> {
  return readAnswer(git(['show-ref', '--verify', '--hash', ref]));
}

async function swapRef(
  git: InUserRepository,
  ref: string,
  move: { from: string; to: string },
): Promise<boolean> {
  const { exitCode, stderr } = await runGit(
    git(['update-ref', '--no-deref', '-m', 'meshwright: accepted', ref, move.to, move.from], {
      answers: [1, 128],
    }),
  );
  if (exitCode === 0) return true;
  if ((await readRef(git, ref)) !== move.from) return false;
  throw new MeshwrightError('git_failed', `cannot move ${ref}: ${stderr.trim()}`, {
    hint: 'Another git command may hold a lock there; try again when it has ended.',
  });
}
