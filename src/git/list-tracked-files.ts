/** The files that a repository tracks; what project detection looks at. */
import { listGit } from './run-git.ts';
import { inUserRepository } from './user-repository.ts';

/** Paths relative to `root`, as git stores them. */
export async function listTrackedFiles(root: string): Promise<string[]> {
  const git = await inUserRepository(root);
  return listGit(git(['ls-files', '-z']));
}
