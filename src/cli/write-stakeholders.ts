/** What `init` does about `.mesh/stakeholders.yaml`: proposes one where there is none, and says that it is guessed. */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { listAuthors, readOwnEmail } from '../git/list-authors.ts';
import type { RepositoryFacts } from '../git/user-repository.ts';
import { stakeholdersFile } from '../policy/load-stakeholders.ts';
import { codeownersFiles, type OwnedPattern, parseCodeowners } from '../policy/parse-codeowners.ts';
import { proposeStakeholders } from '../policy/propose-stakeholders.ts';
import { renderStakeholdersYaml } from '../policy/render-stakeholders-yaml.ts';
import { readTextFile } from '../yaml/read-text-file.ts';
import type { Session } from './session.ts';

const maxCodeownersBytes = 3_000_000;

/** False: the file was there and is left as it is. */
export async function writeStakeholders(session: Session, { root }: RepositoryFacts): Promise<boolean> {
  const file = path.join(root, stakeholdersFile);
  const { terminal } = session;
  if (existsSync(file)) {
    if (!terminal.isJson) terminal.line(`${stakeholdersFile} is there already and stays as it is`);
    return false;
  }
  const proposal = proposeStakeholders({
    owners: await readOwners(root),
    authors: await listAuthors(root),
    person: { name: session.person, email: await readOwnEmail(root) },
  });
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, renderStakeholdersYaml(proposal), { flag: 'wx' });
  if (terminal.isJson) return true;
  terminal.line(`wrote  ${stakeholdersFile}`);
  const guessed = proposal.people.filter(({ isGuess }) => isGuess);
  const self = proposal.people.find(({ isGuess }) => !isGuess)?.handle;
  terminal.line(
    guessed.length === 0
      ? `note   it names only you, ${self}`
      : `note   it names ${self} (you) and, GUESSED from CODEOWNERS and git history, ${guessed.map(({ handle }) => handle).join(', ')}: put it right`,
  );
  terminal.line('note   only people whom it names may start work or answer');
  return true;
}

async function readOwners(root: string): Promise<OwnedPattern[]> {
  for (const name of codeownersFiles) {
    const read = await readTextFile(path.join(root, name), maxCodeownersBytes);
    if (read.ok) return parseCodeowners(read.text);
  }
  return [];
}
