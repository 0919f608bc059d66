/**
 * Takes what a person committed in their clone over into the mirror. Reads only; nothing that the clone configures
 * runs, and objects that git's own check finds broken or dangerous are refused.
 */
import { MeshwrightError } from '../base/errors.ts';
import { runGit, uploadPackCommand } from './run-git.ts';
import { readAnswer } from './user-repository.ts';

export interface FetchRequest {
  mirrorDir: string;
  /** The clone. */
  folder: string;
  /** Short name of its branch. */
  branch: string;
  /** What the branch was seen at. */
  commit: string;
  /** Full name of the ref in the mirror that holds it from now on. */
  ref: string;
}

/** @throws MeshwrightError `git_failed`; `branch_moved` when the branch is not at `commit` any more. */
export async function fetchCommit(request: FetchRequest): Promise<void> {
  const { mirrorDir, folder, branch, commit, ref } = request;
  const mirror = { cwd: mirrorDir, gitDir: mirrorDir };
  const args = ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--force'];
  const { exitCode, stderr } = await runGit({
    ...mirror,
    args: [...args, `--upload-pack=${uploadPackCommand}`, folder, `+refs/heads/${branch}:${ref}`],
    config: ['fetch.fsckObjects=true'],
    answers: [1, 128],
    timeoutMs: 600_000,
  });
  if (exitCode !== 0) {
    const why = stderr.trim().split('\n').at(-1) ?? '';
    throw new MeshwrightError('git_failed', `cannot take ${branch} of ${folder} over: ${why}`, {
      hint: 'git fsck there says more.',
    });
  }
  if (
    (await readAnswer({ ...mirror, args: ['rev-parse', '--verify', '--quiet', `${ref}^{commit}`] })) ===
    commit
  )
    return;
  throw new MeshwrightError('branch_moved', `${branch} in ${folder} moved meanwhile`, {
    hint: 'Run the command again when nobody commits there.',
  });
}

/** Both must be in the repository. A commit descends from itself. */
export async function isDescendant(gitDir: string, commit: string, ancestor: string): Promise<boolean> {
  const { exitCode } = await runGit({
    args: ['merge-base', '--is-ancestor', ancestor, commit],
    cwd: gitDir,
    gitDir,
    answers: [1],
  });
  return exitCode === 0;
}
