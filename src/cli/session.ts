/** What every command starts from: where it was called, how to print, and on demand the project with its journal. */
import { personHome } from '../base/home.ts';
import type { LogFile } from '../base/log.ts';
import {
  type Env,
  type OpenJournal,
  openJournal,
  openRepository,
  readConfiguration,
} from '../compose/project.ts';
import type { RepositoryFacts } from '../git/user-repository.ts';
import { redactJournal } from '../journal/redact-journal.ts';
import type { Policy } from '../policy/policy.ts';
import { requireNamed } from '../requests/require-named.ts';
import { type HeldSecrets, holdSecrets, type SecretKeeper } from '../secrets/held-secrets.ts';
import { resolveSecrets } from '../secrets/resolve-secrets.ts';
import { type Configuration, requirePolicy, requireStakeholders } from '../views/configuration.ts';
import { type RegistryEnvironment, registryEnvironment } from '../workspaces/registry-environment.ts';
import type { Terminal } from './terminal.ts';

export interface Session {
  terminal: Terminal;
  env: Env;
  /** Where the command was called, or what `-C` says. */
  dir: string;
  log: LogFile;
  /** Knows what must not be written anywhere; a project adds its own. */
  keeper: SecretKeeper;
  /** Who is asking, for the record: the operating system's user. */
  person: string;
}

export interface ProjectSession extends Session {
  repository: RepositoryFacts;
  configuration: Configuration;
  policy: Policy;
  project: string;
  store: OpenJournal;
  registries: RegistryEnvironment;
  secrets: HeldSecrets;
}

/** For whoever opens no workspace. */
export const noRegistries: RegistryEnvironment = {
  env: {},
  hosts: { node: [], python: [], go: [], cargo: [] },
};

/** From here on none of the project's secrets is written anywhere by this process. */
export async function learnSecrets(
  { env, keeper }: Session,
  { root }: RepositoryFacts,
  policy: Policy,
): Promise<HeldSecrets> {
  const surroundings = { env, home: personHome(env), repository: root };
  return holdSecrets(keeper, policy.secrets, await resolveSecrets(policy.secrets, surroundings));
}

export interface ProjectOptions {
  /** Also asks the package managers for their registries, which set-up needs and which takes a moment. */
  willWork: boolean;
  /**
   * `named`: the command has something done in the person's name, so a written stakeholder map must name them. `anybody`: it
   * reads, carries out what was asked before, or answers, which is judged by who was asked.
   */
  for: 'named' | 'anybody';
}

/**
 * Opens the project around `session.dir`, runs the command, closes everything.
 * @throws MeshwrightError `person_not_named`.
 */
export async function withProject<T>(
  session: Session,
  options: ProjectOptions,
  command: (project: ProjectSession) => Promise<T>,
): Promise<T> {
  const repository = await openRepository(session.dir);
  const registries = options.willWork ? await registryEnvironment(session.env) : noRegistries;
  const configuration = await readConfiguration(repository, session.env, { registries });
  const policy = requirePolicy(configuration);
  if (options.for === 'named') requireNamed(requireStakeholders(configuration), session.person);
  const secrets = await learnSecrets(session, repository, policy);
  const opened = await openJournal(session.env, session.log);
  const store = { ...opened, journal: redactJournal(opened.journal, secrets.redactor) };
  try {
    return await command({
      ...session,
      repository,
      configuration,
      policy,
      project: policy.project,
      store,
      registries,
      secrets,
    });
  } finally {
    await opened.close();
  }
}
