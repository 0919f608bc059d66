/** Who commits to a repository: names and addresses as its history has them, the most active first. */
import { listGit } from './run-git.ts';
import { inUserRepository, readAnswer } from './user-repository.ts';

export interface Author {
  name: string;
  email: string;
  commitCount: number;
}

/** Of a history longer than this the newest part tells enough. */
const mostCommits = 20_000;

/** Of the last year before HEAD's commit; addresses are joined as `.mailmap` says. */
export async function listAuthors(root: string): Promise<Author[]> {
  const git = await inUserRepository(root);
  const newest = Number(await readAnswer(git(['log', '-1', '--format=%ct'])));
  const since = newest - 365 * 86_400;
  const records = await listGit(
    git(['log', '--no-merges', `--max-count=${mostCommits}`, `--since=@${since}`, '-z', '--format=%aN%n%aE']),
  );
  const authors = new Map<string, Author>();
  for (const record of records) {
    const [name = '', email = ''] = record.split('\n');
    const key = email.toLowerCase();
    const known = authors.get(key) ?? { name, email, commitCount: 0 };
    authors.set(key, { ...known, commitCount: known.commitCount + 1 });
  }
  return [...authors.values()].sort((a, b) => b.commitCount - a.commitCount || (a.email < b.email ? -1 : 1));
}

/** The address under which this person would commit here; null: git knows none. */
export async function readOwnEmail(root: string): Promise<string | null> {
  const git = await inUserRepository(root);
  return (await readAnswer(git(['config', '--get', 'user.email']))) || null;
}
