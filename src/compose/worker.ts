/**
 * Puts a worker together: adapters of models, cells, repositories. Apart from project.ts, as it takes its time to load and only
 * commands that work need it.
 */
import path from 'node:path';
import { programFinder } from '../agents/outside/find-program.ts';
import { systemClock } from '../base/clock.ts';
import { MeshwrightError } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import { chooseDriver, type DriverCandidates, type DriverChoice } from '../cells/choose-driver.ts';
import { processDriver } from '../cells/process-cell.ts';
import { redactOutput } from '../cells/redact-output.ts';
import { withoutNetwork } from '../cells/without-network.ts';
import type { ModelProvider } from '../gateway/model.ts';
import { createModelAccess } from '../gateway/model-access.ts';
import { openOtherProviders, openProvider } from '../gateway/open-provider.ts';
import { createScriptedProviderFromBrain } from '../gateway/scripted/scripted-provider.ts';
import { nameStore } from '../git/name-store.ts';
import { openMirror } from '../git/open-mirror.ts';
import { redactMessages } from '../git/redact-messages.ts';
import type { RepositoryFacts } from '../git/user-repository.ts';
import { limitHosts } from '../ledger/limit-hosts.ts';
import { followPacks } from '../memory/live-packs.ts';
import { openMemory } from '../memory/memory-store.ts';
import { followStakeholders } from '../policy/live-stakeholders.ts';
import { loadHostPolicy, requireHostPolicy } from '../policy/load-host-policy.ts';
import type { Policy } from '../policy/policy.ts';
import type { HeldSecrets } from '../secrets/held-secrets.ts';
import {
  type Configuration,
  requirePolicy,
  requireStakeholders,
  requireValid,
} from '../views/configuration.ts';
import { viewProject } from '../views/project-view.ts';
import { requireOutsideAgents } from '../worker/choose-outside-agent.ts';
import { buildWorkspaces, cellHost, cellLimits } from '../worker/machine-places.ts';
import { describeMachine, describeThisOwner, isOwnerDead } from '../worker/owner.ts';
import { requireSecrets } from '../worker/require-secrets.ts';
import type { WorkerContext } from '../worker/worker-context.ts';
import type { RegistryEnvironment } from '../workspaces/registry-environment.ts';
import { assetsDir, type Env, type OpenJournal, readConfiguration } from './project.ts';

export interface WorkerParts {
  repository: RepositoryFacts;
  configuration: Configuration;
  store: OpenJournal;
  env: Env;
  registries: RegistryEnvironment;
  secrets: HeldSecrets;
  log: Log;
}

export interface OpenWorker {
  context: WorkerContext;
  /** What a person must know before it runs: no isolation, a scripted model. */
  notices: string[];
}

/**
 * `model`: instead of the policy's provider.
 * @throws MeshwrightError (exit 2) when the configuration has errors, a key is missing, or nothing isolates.
 */
export async function openWorkerContext(parts: WorkerParts, model?: ModelProvider): Promise<OpenWorker> {
  const { configuration, env, store, secrets } = parts;
  const { policy, team } = requireValid(configuration);
  requireSecrets(secrets, policy, team);
  const sources = { env, scenario: requireValid(configuration).scenario ?? null, clock: systemClock };
  const provider = model ?? openProvider(policy.models.provider, sources);
  const others = openOtherProviders(policy.models, sources);
  const chosen = await requireDriver(policy, {
    isModelScripted: !provider.isRealModel,
    host: {
      ...cellHost(store.paths, env),
      waitForHost: limitHosts(policy.limits.rates.hosts, store.rates.ofProject(policy.project), parts.log),
    },
  });
  const notices = [
    provider.isRealModel ? null : 'Model: SCRIPTED (no AI, no key; costs are simulated).',
    chosen.notice,
    ...others.notices,
    ...requireOutsideAgents(policy, team, programFinder(env.PATH)).notices,
  ].filter((notice) => notice !== null);
  // What a process that died had thrown away and not deleted yet; nobody waits for it.
  void buildWorkspaces(store.paths, chosen.driver, { setupEnv: {}, secrets })
    .emptyTrash()
    .catch(() => {});
  const setupEnv = { ...parts.registries.env, ...secrets.variablesFor('setup') };
  const context = await buildContext(parts, policy, {
    provider,
    otherProviders: others.providers,
    driver: chosen.driver,
    setupEnv,
  });
  return { context, notices };
}

/** For a worker that only carries out requests: it calls no model and opens no cell, so it needs neither key nor isolation. */
export async function openRequestsContext(parts: WorkerParts): Promise<WorkerContext> {
  const driver = processDriver(cellHost(parts.store.paths, parts.env));
  const provider = noModel('a worker that only carries out requests');
  const setupEnv = parts.registries.env;
  return buildContext(parts, requirePolicy(parts.configuration), {
    provider,
    otherProviders: {},
    driver,
    setupEnv,
  });
}

/**
 * For a replay: no model and no network, not even for set-up; what a real model once asked for runs isolated as it did then.
 * @throws MeshwrightError `no_isolation`.
 */
export async function openReplayContext(
  parts: WorkerParts,
  { isModelScripted }: { isModelScripted: boolean },
): Promise<WorkerContext> {
  const policy = requirePolicy(parts.configuration);
  const host = cellHost(parts.store.paths, parts.env);
  const { driver } = await requireDriver(policy, { isModelScripted, host });
  const adapters = { provider: noModel('a replay'), otherProviders: {}, driver: withoutNetwork(driver) };
  return buildContext(parts, policy, { ...adapters, setupEnv: parts.registries.env });
}

async function requireDriver(
  policy: Policy,
  candidates: DriverCandidates,
): Promise<Extract<DriverChoice, { ok: true }>> {
  const chosen = await chooseDriver(policy.cells, candidates);
  if (chosen.ok) return chosen;
  throw new MeshwrightError('no_isolation', chosen.problem, { hint: chosen.fix, exitCode: 2 });
}

function noModel(who: string): ModelProvider {
  return createScriptedProviderFromBrain(() => {
    throw new Error(`${who} called a model`);
  });
}

async function buildContext(
  parts: WorkerParts,
  policy: Policy,
  adapters: Pick<WorkerContext, 'provider' | 'otherProviders' | 'driver'> & {
    setupEnv: Readonly<Record<string, string>>;
  },
): Promise<WorkerContext> {
  const { repository, configuration, store, env, registries, secrets, log } = parts;
  const { redact } = secrets.redactor;
  const driver = redactOutput(adapters.driver, redact);
  const { journal, paths } = store;
  const machine = describeMachine();
  const owner = describeThisOwner(machine, newId().slice(-8));
  return {
    journal,
    clock: systemClock,
    newId,
    log,
    owner,
    host: await nameStore(paths.mirrors),
    isOwnerDead: (owner) => isOwnerDead(owner, machine),
    project: policy.project,
    policy,
    hostPolicy: requireHostPolicy(await loadHostPolicy(paths.home)),
    memory: openMemory(journal, policy.project),
    packs: followPacks({
      names: policy.packs.map((name, at) => ({ name, at: configuration.loaded.locate(['packs', at]) })),
      repoDir: repository.root,
      builtInDir: path.join(assetsDir, 'team'),
      initial: configuration.packs,
      report: (problems) => log.error('a pack cannot be used; what it said before holds', { problems }),
    }),
    stakeholders: followStakeholders({
      repoDir: repository.root,
      initial: requireStakeholders(configuration),
      clock: systemClock,
      report: (problems) =>
        log.error('the stakeholder map cannot be used; what it said before holds', { problems }),
    }),
    repository: repository.root,
    mirror: redactMessages(await openMirror(path.join(paths.mirrors, `${policy.project}.git`)), redact),
    workspaces: buildWorkspaces(paths, driver, { setupEnv: adapters.setupEnv, secrets }),
    driver,
    provider: adapters.provider,
    otherProviders: adapters.otherProviders,
    modelAccess: createModelAccess({ journal, project: policy.project, clock: systemClock, newId, owner }),
    rateBuckets: store.rates.ofProject(policy.project),
    secrets,
    cellLimits: cellLimits(policy),
    findProgram: programFinder(env.PATH),
    compileTeam: async (flow) =>
      requireValid(await readConfiguration(repository, env, { registries, flow })).team,
    baseline: async () => (await viewProject(journal, policy.project)).baseline?.checks ?? [],
    agentCeiling: policy.ceilings.agentMicroUsd,
    channels: [],
  };
}
