/**
 * Puts the parts together: a repository, its configuration, the database. With worker.ts the only place that chooses adapters;
 * the doors (CLI, later the server) open what they need here and close it.
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type HomePaths, homePaths, meshwrightHome, personHome } from '../base/home.ts';
import type { Log } from '../base/log.ts';
import { inspectRepository, type RepositoryFacts } from '../git/user-repository.ts';
import type { Journal } from '../journal/journal.ts';
import { type DatabaseFacts, readDatabaseFacts } from '../postgres/database-facts.ts';
import { openPostgresJournal } from '../postgres/journal.ts';
import { type OpenRows, openJournalRows } from '../postgres/journal-rows.ts';
import { type Database, openDatabase } from '../postgres/open-database.ts';
import { openRateStore, type RateStore } from '../postgres/rate-buckets.ts';
import { type Configuration, loadConfiguration } from '../views/configuration.ts';
import type { RegistryEnvironment } from '../workspaces/registry-environment.ts';

/** `assets/` of the package: the same place from src/ and from dist/. */
export const assetsDir = fileURLToPath(new URL('../../assets', import.meta.url));

export type Env = Readonly<Record<string, string | undefined>>;

/** @throws MeshwrightError (exit 2) when `dir` is in no repository, or in an empty one. */
export async function openRepository(dir: string): Promise<RepositoryFacts> {
  return inspectRepository(path.resolve(dir));
}

/** `registries`: needed where set-up may run; reading commands need not ask the package managers. */
export async function readConfiguration(
  repository: RepositoryFacts,
  env: Env,
  options: { registries: RegistryEnvironment; flow?: string | null },
): Promise<Configuration> {
  return loadConfiguration({
    root: repository.root,
    defaults: {
      project: projectName(repository.root),
      targetBranch: repository.branch ?? 'main',
      registryHosts: Object.values(options.registries.hosts).flat(),
    },
    builtInDir: path.join(assetsDir, 'team'),
    env,
    home: personHome(env),
    flow: options.flow ?? null,
  });
}

/** The folder's name, in the form that ids and branches allow. */
export function projectName(root: string): string {
  const name = path
    .basename(root)
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-');
  return name.replaceAll(/^[-.]+|[-.]+$/g, '') || 'project';
}

export interface OpenJournal {
  journal: Journal;
  rates: RateStore;
  paths: HomePaths;
  /** Of the database, without its password. */
  isEmbedded: boolean;
  /** Its rows as they are stored, as of now; close them. */
  openRows(options: Parameters<typeof openJournalRows>[1]): Promise<OpenRows>;
  readFacts(): Promise<DatabaseFacts>;
  close(): Promise<void>;
}

/** The database alone, as it is: nothing is migrated. */
export async function openHomeDatabase(env: Env, log: Log): Promise<Database> {
  return openDatabase({
    home: meshwrightHome(env, process.platform),
    ...(env.DATABASE_URL ? { databaseUrl: env.DATABASE_URL } : {}),
    log: (line) => log.info(line, { part: 'postgres' }),
  });
}

export async function openJournal(env: Env, log: Log): Promise<OpenJournal> {
  const paths = homePaths(meshwrightHome(env, process.platform));
  const database = await openHomeDatabase(env, log);
  try {
    const journal = await openPostgresJournal(database);
    const rates = openRateStore(database);
    return {
      journal,
      rates,
      paths,
      isEmbedded: database.isEmbedded,
      openRows: (options) => openJournalRows(database.url, options),
      readFacts: () => readDatabaseFacts(database.url),
      async close() {
        await rates.close();
        await journal.close();
        await database.close();
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}
