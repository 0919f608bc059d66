/**
 * Puts the parts together: a repository, its policy, the database, and what a worker needs. The only place that
 * chooses adapters. The doors (CLI, later the server) open what they need here and close it.
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from './base/clock.ts';
import { MeshwrightError } from './base/errors.ts';
import { type HomePaths, homePaths, meshwrightHome } from './base/home.ts';
import { newId } from './base/ids.ts';
import type { Log } from './base/log.ts';
import type { CellDriver, CellLimits } from './cells/cell.ts';
import type { CellHost } from './cells/cell-host.ts';
import { chooseDriver } from './cells/choose-driver.ts';
import { processDriver } from './cells/process-cell.ts';
import type { ModelProvider } from './gateway/model.ts';
import { readProviderSettings } from './gateway/provider-settings.ts';
import { createProvider } from './gateway/providers/create-provider.ts';
import {
  createScriptedProvider,
  createScriptedProviderFromBrain,
} from './gateway/scripted/scripted-provider.ts';
import { nameStore } from './git/name-store.ts';
import { openMirror } from './git/open-mirror.ts';
import { inspectRepository, type RepositoryFacts } from './git/user-repository.ts';
import type { Journal } from './journal/journal.ts';
import type { Policy } from './policy/policy.ts';
import { type DatabaseFacts, readDatabaseFacts } from './postgres/database-facts.ts';
import { openPostgresJournal } from './postgres/journal.ts';
import { type OpenRows, openJournalRows } from './postgres/journal-rows.ts';
import { type Database, openDatabase } from './postgres/open-database.ts';
import { type Configuration, loadConfiguration, requirePolicy, requireValid } from './views/configuration.ts';
import { viewProject } from './views/project-view.ts';
import { describeMachine, describeThisOwner, isOwnerDead } from './worker/owner.ts';
import type { WorkerContext } from './worker/worker-context.ts';
import { createWorkspaces, type WorkspaceStore } from './workspaces/create-workspaces.ts';
import type { RegistryEnvironment } from './workspaces/registry-environment.ts';

/** `assets/` of the package: the same place from src/ and from dist/. */
export const assetsDir = fileURLToPath(new URL('../assets', import.meta.url));

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
    return {
      journal,
      paths,
      isEmbedded: database.isEmbedded,
      openRows: (options) => openJournalRows(database.url, options),
      readFacts: () => readDatabaseFacts(database.url),
      async close() {
        await journal.close();
        await database.close();
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

export interface WorkerParts {
  repository: RepositoryFacts;
  configuration: Configuration;
  store: OpenJournal;
  env: Env;
  registries: RegistryEnvironment;
  log: Log;
}

export interface OpenWorker {
  context: WorkerContext;
  /** What a person must know before it runs: no isolation, a scripted model. */
  notices: string[];
}

/** @throws MeshwrightError (exit 2) when the configuration has errors, a key is missing, or nothing isolates. */
export async function openWorkerContext(parts: WorkerParts): Promise<OpenWorker> {
  const { configuration, env, store } = parts;
  const { policy } = requireValid(configuration);
  const provider = buildProvider(policy, configuration, env);
  const chosen = await chooseDriver(policy.cells, {
    isModelScripted: !provider.isRealModel,
    host: cellHost(store.paths, env),
  });
  if (!chosen.ok) {
    throw new MeshwrightError('no_isolation', chosen.problem, { hint: chosen.fix, exitCode: 2 });
  }
  const notices = [
    provider.isRealModel ? null : 'Model: SCRIPTED (no AI, no key; costs are simulated).',
    chosen.notice,
  ].filter((notice) => notice !== null);
  // What a process that died had thrown away and not deleted yet; nobody waits for it.
  void buildWorkspaces(store.paths, chosen.driver, parts.registries)
    .emptyTrash()
    .catch(() => {});
  return { context: await buildContext(parts, policy, { provider, driver: chosen.driver }), notices };
}

/** For a worker that only carries out requests: it calls no model and opens no cell, so it needs neither key nor isolation. */
export async function openRequestsContext(parts: WorkerParts): Promise<WorkerContext> {
  const provider = createScriptedProviderFromBrain(() => {
    throw new Error('a worker that only carries out requests called a model');
  });
  const driver = processDriver(cellHost(parts.store.paths, parts.env));
  return buildContext(parts, requirePolicy(parts.configuration), { provider, driver });
}

async function buildContext(
  parts: WorkerParts,
  policy: Policy,
  adapters: { provider: ModelProvider; driver: CellDriver },
): Promise<WorkerContext> {
  const { repository, store, env, registries, log } = parts;
  const { journal, paths } = store;
  const machine = describeMachine();
  return {
    journal,
    clock: systemClock,
    newId,
    log,
    owner: describeThisOwner(machine, newId().slice(-8)),
    host: await nameStore(paths.mirrors),
    isOwnerDead: (owner) => isOwnerDead(owner, machine),
    project: policy.project,
    policy,
    repository: repository.root,
    mirror: await openMirror(path.join(paths.mirrors, `${policy.project}.git`)),
    workspaces: buildWorkspaces(paths, adapters.driver, registries),
    ...adapters,
    cellLimits: cellLimits(policy),
    compileTeam: async (flow) =>
      requireValid(await readConfiguration(repository, env, { registries, flow })).team,
    baseline: async () => (await viewProject(journal, policy.project)).baseline?.checks ?? [],
    agentCeiling: policy.ceilings.agentMicroUsd,
  };
}

/** Where cells live and which tools they find; everything else is the driver's. */
export function cellHost(paths: HomePaths, env: Env): Partial<CellHost> {
  return { cellsDir: paths.cells, ...(env.PATH ? { path: env.PATH } : {}) };
}

export function buildWorkspaces(
  paths: HomePaths,
  driver: CellDriver,
  registries: RegistryEnvironment,
): WorkspaceStore {
  return createWorkspaces({
    root: paths.workspaces,
    cacheRoot: path.join(paths.cache, 'setup'),
    driver,
    setupEnv: registries.env,
    newId,
  });
}

export function cellLimits(policy: Policy): CellLimits {
  return {
    memoryMb: policy.cells.memoryMb,
    processes: policy.cells.processes,
    commandTimeoutMs: policy.limits.commandTimeoutMs,
    outputBytes: policy.cells.outputBytes,
    fileBytes: policy.cells.fileBytes,
  };
}

function buildProvider(policy: Policy, configuration: Configuration, env: Env): ModelProvider {
  const { provider } = policy.models;
  if (provider === 'scripted') {
    const { scenario } = requireValid(configuration);
    if (!scenario)
      throw new MeshwrightError('scenario_missing', 'the scripted model has no scenario', { exitCode: 2 });
    return createScriptedProvider({ scenario, clock: systemClock });
  }
  const settings = readProviderSettings(env, provider);
  if (!settings.ok) {
    throw new MeshwrightError('provider_key_missing', settings.message, { hint: settings.hint, exitCode: 2 });
  }
  return createProvider({ name: provider, baseUrl: settings.baseUrl, apiKey: settings.apiKey });
}
