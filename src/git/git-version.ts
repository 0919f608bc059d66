/** Whether the installed git can do what the mirror needs (`merge-tree --write-tree`, since 2.38). */
import { tmpdir } from 'node:os';
import { MeshwrightError } from '../base/errors.ts';
import { readGit } from './run-git.ts';

const oldestMajor = 2;
const oldestMinor = 38;

/** True for `git version 2.39.5 (Apple Git-154)` and everything from 2.38 on. Pure. */
export function isGitNewEnough(versionLine: string): boolean {
  const [major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(versionLine) ?? []).slice(1).map(Number);
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}

/** The version line. @throws MeshwrightError `git_missing` or `git_too_old`. */
export async function requireGit(): Promise<string> {
  const versionLine = await readGit({ args: ['--version'], cwd: tmpdir() });
  if (isGitNewEnough(versionLine)) return versionLine;
  throw new MeshwrightError(
    'git_too_old',
    `${versionLine} is too old: merging without a work tree needs ${oldestMajor}.${oldestMinor}`,
    {
      hint: `Install git ${oldestMajor}.${oldestMinor} or newer (Debian 11: apt-get install -t bullseye-backports git).`,
      exitCode: 2,
    },
  );
}
