/** Makes a folder that has files in it a repository with one commit; for the demo's sample. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readGit } from './run-git.ts';

export interface CreateRepositoryRequest {
  branch: string;
  message: string;
  authorName: string;
  authorEmail: string;
  /** Written before the commit: relative path → content. */
  files: Readonly<Record<string, string>>;
}

/** Returns the commit. */
export async function createRepository(dir: string, request: CreateRepositoryRequest): Promise<string> {
  for (const [file, content] of Object.entries(request.files)) {
    const target = path.join(dir, file);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, content);
  }
  const git = (args: string[]) =>
    readGit({
      cwd: dir,
      args,
      identity: {
        GIT_AUTHOR_NAME: request.authorName,
        GIT_AUTHOR_EMAIL: request.authorEmail,
        GIT_COMMITTER_NAME: request.authorName,
        GIT_COMMITTER_EMAIL: request.authorEmail,
      },
    });
  await git(['init', '--quiet', `--initial-branch=${request.branch}`]);
  await git(['add', '--all']);
  await git(['commit', '--quiet', '--no-verify', '--message', request.message]);
  return (await git(['rev-parse', 'HEAD'])).trim();
}
