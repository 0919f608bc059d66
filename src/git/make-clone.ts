/**
 * Makes a person a repository of their own out of the mirror: an ordinary clone that shares nothing with it and cannot be
 * pushed from. Its settings are the person's; while it is made, nobody's hooks and filters run.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MeshwrightError } from '../base/errors.ts';
import { type GitRequest, runGit, uploadPackCommand } from './run-git.ts';

export interface CloneRequest {
  mirrorDir: string;
  /** Absolute; missing or empty. */
  folder: string;
  /** Short name; checked out at `commit`. */
  branch: string;
  commit: string;
  /** Further branches of the clone: short name → commit. */
  others: Readonly<Record<string, string>>;
  /** Remote branches to compare with and to fetch again later: short name → ref of the mirror. */
  remotes: Readonly<Record<string, string>>;
  /** Stands where an address to push to would: git shows it when somebody tries. */
  pushNotice: string;
  /** Files of the git folder, which no commit ever contains: name → content. */
  notes: Readonly<Record<string, string>>;
}

/** The mirror's name in the clone. */
export const cloneRemote = 'meshwright';

const timeoutMs = 600_000;

/** @throws MeshwrightError `folder_not_empty` (exit 2), `git_failed`. */
export async function makeClone(request: CloneRequest): Promise<void> {
  const { folder, branch } = request;
  await requireEmptyFolder(folder);
  await mkdir(dirname(folder), { recursive: true });
  // Renamed into its place when it is whole: nobody finds half a clone and works in it.
  const making = `${folder}.${randomBytes(4).toString('hex')}`;
  try {
    const init = ['init', '--quiet', '--template=', `--initial-branch=${branch}`, making];
    await runGit({ args: init, cwd: dirname(folder) });
    await fillClone(request, (args) => ({
      args,
      cwd: making,
      gitDir: join(making, '.git'),
      workTree: making,
      timeoutMs,
    }));
    await writeNotes(request, making);
    await rename(making, folder);
  } catch (error) {
    await rm(making, { recursive: true, force: true });
    throw error;
  }
}

/** @throws MeshwrightError `folder_not_empty` (exit 2). */
export async function requireEmptyFolder(folder: string): Promise<void> {
  const found = await readdir(folder).catch((error: NodeJS.ErrnoException) =>
    error.code === 'ENOENT' ? [] : [error.code ?? 'unreadable'],
  );
  if (found.length === 0) return;
  throw new MeshwrightError('folder_not_empty', `${folder} exists and is not an empty folder`, {
    hint: 'Name another one with --into <folder>.',
    exitCode: 2,
  });
}

async function fillClone(request: CloneRequest, git: (args: string[]) => GitRequest): Promise<void> {
  const { mirrorDir, branch, commit, others, remotes, pushNotice } = request;
  const tracked = Object.entries(remotes).map(([name, ref]) => `+${ref}:refs/remotes/${cloneRemote}/${name}`);
  const settings: [string, string][] = [
    [`remote.${cloneRemote}.url`, mirrorDir],
    [`remote.${cloneRemote}.pushurl`, pushNotice],
    ...tracked.map((refspec): [string, string] => [`remote.${cloneRemote}.fetch`, refspec]),
  ];
  for (const [name, value] of settings) await runGit(git(['config', '--add', name, value]));
  const local = Object.entries({ [branch]: commit, ...others }).map(
    ([name, id]) => `+${id}:refs/heads/${name}`,
  );
  const fetch = [
    'fetch',
    '--quiet',
    '--no-tags',
    '--no-write-fetch-head',
    '--update-shallow',
    '--update-head-ok',
  ];
  await runGit(git([...fetch, `--upload-pack=${uploadPackCommand}`, mirrorDir, ...local, ...tracked]));
  await runGit(git(['reset', '--quiet', '--hard', commit]));
}

async function writeNotes(request: CloneRequest, making: string): Promise<void> {
  for (const [name, content] of Object.entries(request.notes)) {
    await writeFile(join(making, '.git', name), content);
  }
}
