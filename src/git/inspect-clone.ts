/**
 * Looks at a clone that a person worked in, before anything is taken out of it. Its files are trusted as little as a
 * workspace's: no hook, monitor or filter that its settings name runs.
 */
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { MeshwrightError } from '../base/errors.ts';
import { type GitRequest, runGit } from './run-git.ts';
import { type InUserRepository, listDirtyFiles, readAnswer } from './user-repository.ts';

export interface CloneFacts {
  /** What is checked out; null when HEAD is detached (a rebase under way, for one). */
  checkedOut: string | null;
  /** Of the branch; null when there is none. */
  commit: string | null;
  /** Paths that differ from HEAD, untracked ones included, ignored ones not. */
  dirtyFiles: string[];
}

/** @throws MeshwrightError `not_a_repository` (exit 2) when `folder` is not the top folder of one. */
export async function inspectClone(folder: string, branch: string): Promise<CloneFacts> {
  const gitDir = join(folder, '.git');
  // A file there would name a git folder anywhere.
  const isClone = await lstat(gitDir).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
  if (!isClone) {
    throw new MeshwrightError('not_a_repository', `${folder} is not the top folder of a git clone`, {
      hint: 'If the clone was moved, name it with --from <folder>.',
      exitCode: 2,
    });
  }
  const git = await inClone(folder, gitDir);
  return {
    checkedOut: await readAnswer(git(['symbolic-ref', '--quiet', '--short', 'HEAD'])),
    commit: await readAnswer(git(['rev-parse', '--verify', '--quiet', `refs/heads/${branch}^{commit}`])),
    dirtyFiles: await listDirtyFiles(git),
  };
}

/**
 * The person's own ignore file and line endings count, as everywhere else for them; filters that the clone's settings name do
 * not. Told where it is, git does not follow `core.worktree` elsewhere.
 */
async function inClone(folder: string, gitDir: string): Promise<InUserRepository> {
  const here: Pick<GitRequest, 'cwd' | 'gitDir' | 'workTree'> = { cwd: folder, gitDir, workTree: folder };
  const { stdout } = await runGit({
    ...here,
    args: ['config', '--includes', '--name-only', '-z', '--get-regexp', '^filter\\.'],
    answers: [1],
  });
  const names = stdout.toString('utf8').split('\0').filter(Boolean);
  const config = names.map((name) => (name.endsWith('.required') ? `${name}=false` : `${name}=`));
  return (args, more = {}) => ({ ...here, args, config, trust: 'user', ...more });
}
