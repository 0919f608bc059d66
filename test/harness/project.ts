/** A project for tests of the engine: a real repository, a real mirror, cells without isolation, and a brain as the model. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findProgram } from '../../src/agents/outside/find-program.ts';
import { parseBrief } from '../../src/artifacts/parse-brief.ts';
import { systemClock } from '../../src/base/clock.ts';
import { newId } from '../../src/base/ids.ts';
import { silentLog } from '../../src/base/log.ts';
import { microUsd } from '../../src/base/money.ts';
import { processDriver } from '../../src/cells/process-cell.ts';
import type { ModelProvider } from '../../src/gateway/model.ts';
import { createModelAccess } from '../../src/gateway/model-access.ts';
import { type Brain, createScriptedProviderFromBrain } from '../../src/gateway/scripted/scripted-provider.ts';
import { createRepository } from '../../src/git/create-repository.ts';
import { openMirror } from '../../src/git/open-mirror.ts';
import { readGit } from '../../src/git/run-git.ts';
import type { ItemState } from '../../src/items/item-state.ts';
import { createMemoryJournal } from '../../src/journal/in-memory.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { createMemoryRateBuckets } from '../../src/ledger/rate-bucket.ts';
import { openMemory } from '../../src/memory/memory-store.ts';
import { loadPolicy } from '../../src/policy/load-policy.ts';
import { unwrittenStakeholders } from '../../src/policy/no-stakeholders.ts';
import type { Policy } from '../../src/policy/policy.ts';
import type { Stakeholders } from '../../src/policy/stakeholders.ts';
import { addItem } from '../../src/requests/add-item.ts';
import { askOfItem } from '../../src/requests/ask-of-item.ts';
import { nothingHeld } from '../../src/secrets/held-secrets.ts';
import { noSecrets } from '../../src/secrets/redactor.ts';
import { loadTeam } from '../../src/teams/load-team.ts';
import { viewItem } from '../../src/views/item-view.ts';
import { runWorker } from '../../src/worker/worker.ts';
import type { WorkerContext } from '../../src/worker/worker-context.ts';
import { createWorkspaces } from '../../src/workspaces/create-workspaces.ts';

export const packageDir = path.resolve(import.meta.dirname, '../..');

export interface TestProject {
  root: string;
  repository: string;
  journal: Journal;
  context: WorkerContext;
  /** Adds a brief; returns its number. */
  add(brief: string, plan?: object): Promise<number>;
  /** Drives until nothing can go on without a person, or until the signal. */
  run(signal?: AbortSignal): Promise<void>;
  accept(number: number): Promise<void>;
  item(number: number): Promise<ItemState>;
  git(...args: string[]): Promise<string>;
  remove(): Promise<void>;
}

export interface TestProjectOptions {
  /** Files of the repository's first commit; `.mesh/mesh.yaml` among them. */
  files: Record<string, string>;
  /** Copied below the files. */
  from?: string;
  model: Brain | ModelProvider;
  journal?: Journal;
  /** Who decides what; without it nobody is named. */
  stakeholders?: Stakeholders;
  change?: (context: WorkerContext) => WorkerContext;
}

export async function createTestProject(options: TestProjectOptions): Promise<TestProject> {
  const root = mkdtempSync(path.join(tmpdir(), 'mesh-engine-'));
  const repository = path.join(root, 'repository');
  mkdirSync(repository);
  if (options.from) cpSync(options.from, repository, { recursive: true });
  await createRepository(repository, {
    branch: 'main',
    message: 'Start',
    authorName: 'Test',
    authorEmail: 'test@example.invalid',
    files: options.files,
  });
  const { value: policy, diagnostics } = await loadPolicy(repository, {
    defaults: { project: 'test', targetBranch: 'main', registryHosts: [] },
  });
  if (!policy) throw new Error(JSON.stringify(diagnostics));
  const journal = options.journal ?? createMemoryJournal({ clock: systemClock });
  const built = await buildContext({
    root,
    repository,
    policy,
    journal,
    model: options.model,
    ...(options.stakeholders && { stakeholders: options.stakeholders }),
  });
  const context = options.change?.(built) ?? built;
  const project: TestProject = {
    root,
    repository,
    journal,
    context,
    async add(text, plan) {
      const { value } = parseBrief('brief.md', text);
      if (!value) throw new Error('broken brief in a test');
      const planText = plan === undefined ? null : JSON.stringify(plan);
      return addItem({
        journal,
        newId,
        project: context.project,
        brief: value,
        plan: planText,
        by: 'person:test',
      });
    },
    run: (signal = AbortSignal.timeout(110_000)) => runWorker(context, { untilIdle: true, signal }),
    async accept(number) {
      const { readyCommit } = await project.item(number);
      const request = { kind: 'accept', by: 'test', commit: readyCommit ?? '' } as const;
      await askOfItem({ journal, newId, project: context.project, number, request });
      await project.run();
    },
    item: async (number) => (await viewItem(journal, context.project, number)).state,
    git: (...args) => readGit({ cwd: repository, args, trust: 'user' }),
    async remove() {
      await journal.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
  return project;
}

export async function buildContext(parts: {
  root: string;
  repository: string;
  policy: Policy;
  journal: Journal;
  model: TestProjectOptions['model'];
  stakeholders?: Stakeholders;
}): Promise<WorkerContext> {
  const { root, repository, policy, journal } = parts;
  const stakeholders = parts.stakeholders ?? unwrittenStakeholders;
  const driver = processDriver({ cellsDir: path.join(root, 'cells') });
  return {
    journal,
    clock: systemClock,
    newId,
    log: silentLog,
    owner: `test-${newId()}`,
    host: 'test',
    isOwnerDead: () => false,
    project: policy.project,
    policy,
    hostPolicy: { dayMicroUsd: null, monthMicroUsd: null, raiseBy: [] },
    memory: openMemory(journal, policy.project),
    packs: async () => [],
    stakeholders: async () => stakeholders,
    repository,
    mirror: await openMirror(path.join(root, 'mirror.git')),
    workspaces: createWorkspaces({
      root: path.join(root, 'workspaces'),
      cacheRoot: path.join(root, 'cache'),
      driver,
      setupEnv: {},
      redactor: noSecrets,
      newId,
    }),
    driver,
    secrets: nothingHeld,
    cellLimits: {
      memoryMb: 2048,
      processes: 256,
      commandTimeoutMs: 60_000,
      outputBytes: 200_000,
      fileBytes: 1_000_000,
    },
    otherProviders: {},
    modelAccess: createModelAccess({
      journal,
      project: policy.project,
      clock: systemClock,
      newId,
      owner: 'test',
    }),
    rateBuckets: createMemoryRateBuckets(systemClock),
    provider: typeof parts.model === 'function' ? createScriptedProviderFromBrain(parts.model) : parts.model,
    findProgram: (command) =>
      findProgram(command, { path: process.env.PATH ?? '', nodePath: process.execPath }),
    compileTeam: async (flow) => {
      const team = await loadTeam(repository, { flow, builtInDir: path.join(packageDir, 'assets/team') });
      if (!team.value) throw new Error(JSON.stringify(team.diagnostics));
      return team.value;
    },
    baseline: async () => [],
    agentCeiling: microUsd(policy.ceilings.agentMicroUsd),
    channels: [],
  };
}

export function writeIn(project: TestProject, file: string, content: string): void {
  const target = path.join(project.repository, file);
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, content);
}

/** What a worker process that starts after this one has: a journal of its own, and nothing that this one kept in memory. */
export function inNextProcess(
  context: WorkerContext,
  { journal, owner }: Pick<WorkerContext, 'journal' | 'owner'>,
): WorkerContext {
  const { project, clock, newId } = context;
  const modelAccess = createModelAccess({ journal, project, clock, newId, owner });
  return { ...context, journal, owner, modelAccess, memory: openMemory(journal, project) };
}
