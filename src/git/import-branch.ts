/** Copies a branch of the user's repository into the mirror. Reads only; the user's repository is never written. */
import { stat } from 'node:fs/promises';
import { MeshwrightError } from '../base/errors.ts';
import { requireBranchName } from './check-names.ts';
import { readGit, runGit, uploadPackCommand } from './run-git.ts';

/** Another process that imports the same branch holds the ref's lock for a moment. */
const attemptCount = 5;

/**
 * Fetches `branch` of `repository` to `refs/imported/<branch>`; returns its commit. Shallow repositories keep their
 * boundary, repositories of another user are read.
 * @throws MeshwrightError `branch_missing`, `branch_name_invalid` (exit 2), `not_a_repository` (exit 2), `git_failed`.
 */
export async function importBranch(request: {
  mirrorDir: string;
  repository: string;
  branch: string;
}): Promise<string> {
  const { mirrorDir, repository, branch } = request;
  requireBranchName(branch);
  if (!(await isFolder(repository))) {
    throw new MeshwrightError('not_a_repository', `there is no folder ${repository}`, { exitCode: 2 });
  }
  const target = `refs/imported/${branch}`;
  const args = ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--update-shallow', '--force'];
  for (let attempt = 1; ; attempt += 1) {
    const { exitCode, stderr } = await runGit({
      args: [...args, `--upload-pack=${uploadPackCommand}`, repository, `+refs/heads/${branch}:${target}`],
      cwd: mirrorDir,
      gitDir: mirrorDir,
      answers: [1, 128],
    });
    if (exitCode === 0) break;
    const isRace = /cannot lock ref|unable to create .*\.lock|shallow file has changed/i.test(stderr);
    if (!isRace || attempt === attemptCount) throw explain(stderr, request);
  }
  return readGit({
    args: ['rev-parse', '--verify', `${target}^{commit}`],
    cwd: mirrorDir,
    gitDir: mirrorDir,
  });
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() ?? false;
}

function explain(stderr: string, request: { repository: string; branch: string }): MeshwrightError {
  const { repository, branch } = request;
  if (/couldn't find remote ref/i.test(stderr)) {
    return new MeshwrightError('branch_missing', `${repository} has no branch ${branch}`, {
      hint: `Create it there (git branch ${branch}), or name another one as target in .mesh/mesh.yaml.`,
      exitCode: 2,
    });
  }
  if (/does not appear to be a git repository/i.test(stderr)) {
    return new MeshwrightError('not_a_repository', `${repository} is not a git repository`, {
      hint: `Run git init there, and commit something.`,
      exitCode: 2,
    });
  }
  const why = stderr.trim().split('\n').at(-1) ?? '';
  return new MeshwrightError('git_failed', `cannot import ${branch} of ${repository}: ${why}`, {
    hint: 'If it is a partial clone, run git fetch --refetch --no-filter there first.',
  });
}
