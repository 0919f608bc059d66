/**
 * One worker of a world: the product's runWorker in a simulated process, started again after it ended, died or crashed,
 * as whoever runs it would.
 */
import { createIdSource } from '../base/ids.ts';
import { silentLog } from '../base/log.ts';
import { microUsd } from '../base/money.ts';
import { createModelAccess } from '../gateway/model-access.ts';
import type { Journal } from '../journal/journal.ts';
import { createMemoryRateBuckets } from '../ledger/rate-bucket.ts';
import { openMemory } from '../memory/memory-store.ts';
import { nothingHeld } from '../secrets/held-secrets.ts';
import type { BaselineEntry } from '../verdicts/judge-commands.ts';
import { runWorker } from '../worker/worker.ts';
import type { WorkerContext } from '../worker/worker-context.ts';
import { cellsOn } from './cells-on.ts';
import { countUp } from './coverage.ts';
import { mirrorOn } from './memory-git.ts';
import type { Plan, WorkerPlan } from './plan.ts';
import { moveTarget } from './schedule-faults.ts';
import { SimulatedFault, type SimulatedProcess } from './simulated-process.ts';
import { simulatedPolicy, simulatedProject, simulatedTeam } from './simulated-team.ts';
import { journalCalls, throughProcess } from './through-process.ts';
import { workspacesOn } from './workspaces-on.ts';
import type { World } from './world.ts';

/** A process that ends this often is in a loop; one that ends whenever everybody waits for people does so all the time. */
const mostStarts = 300;

export class SimulatedWorker {
  readonly #world: World;
  readonly #plan: WorkerPlan;
  readonly #name: string;
  #starts = 0;
  #isStopped = false;
  #current: { process: SimulatedProcess; controller: AbortController } | null = null;

  constructor(world: World, plan: WorkerPlan, index: number) {
    this.#world = world;
    this.#plan = plan;
    this.#name = `worker-${index}`;
    this.#startAfter(plan.startMs);
  }

  get process(): SimulatedProcess | null {
    return this.#current?.process ?? null;
  }

  /** True when it was told to stop and has. */
  get hasStopped(): boolean {
    return this.#isStopped && !this.#current?.process.isAlive;
  }

  stop(): void {
    this.#isStopped = true;
    this.#current?.process.thaw();
    this.#current?.controller.abort();
  }

  /** The process is gone; whoever runs it starts it again. */
  startAgain(afterMs: number): void {
    if (!this.#isStopped) this.#startAfter(afterMs);
  }

  /** Its code failed outside of anything that was awaited, which ends a process. */
  crash(error: unknown): void {
    this.#onCrash(error);
  }

  #startAfter(delayMs: number): void {
    this.#world.scheduler.after(delayMs * 1000, () => {
      if (!this.#isStopped) this.#start();
    });
  }

  #start(): void {
    this.#starts += 1;
    if (this.#starts > mostStarts) {
      this.#world.violate('worker goes on', `${this.#name} was started ${mostStarts} times`);
      return;
    }
    const process = this.#world.createProcess(`${this.#name}.${this.#starts}`);
    const controller = new AbortController();
    const { signal } = controller;
    this.#current = { process, controller };
    runWorker(createContext(this.#world, process), { untilIdle: this.#plan.isUntilIdle, signal }).then(
      () => process.die({ restartMs: this.#plan.isUntilIdle ? 3_000 : 1_000, losesDisk: false }),
      (error: unknown) => this.#onCrash(error),
    );
  }

  #onCrash(error: unknown): void {
    const { process } = this;
    if (!process?.isAlive) return;
    countUp(this.#world.coverage, isSimulated(error) ? 'worker failed with storage' : 'worker crashed');
    if (!isSimulated(error)) {
      const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.#world.violate('worker goes on', `${process.name} crashed: ${what}`);
    }
    process.die();
  }
}

/** True for what was made to fail, and what came of nothing else. */
function isSimulated(error: unknown): boolean {
  if (error instanceof SimulatedFault) return true;
  return error instanceof Error && error.cause !== undefined && isSimulated(error.cause);
}

function createContext(world: World, process: SimulatedProcess): WorkerContext {
  const { plan, machine, model } = world;
  const random = world.random(process.name);
  const journal = journalThrough(world, process);
  const newId = createIdSource(process.clock.now, random.bytes);
  const { clock, name: owner } = process;
  return {
    journal,
    otherProviders: {},
    modelAccess: createModelAccess({ journal, project: simulatedProject, clock, newId, owner }),
    rateBuckets: createMemoryRateBuckets(clock),
    clock,
    newId,
    log: silentLog,
    owner,
    host: 'machine',
    isOwnerDead: (owner) => world.isSurelyDead(owner),
    project: simulatedProject,
    policy: simulatedPolicy(plan.world),
    hostPolicy: { dayMicroUsd: null, monthMicroUsd: null, raiseBy: [] },
    memory: openMemory(journal, simulatedProject),
    packs: async () => [],
    stakeholders: async () => world.stakeholders,
    repository: '/simulated/repository',
    mirror: mirrorThrough(world, process),
    workspaces: workspacesOn(machine, process),
    driver: cellsOn(machine, process, { random, checkMs: plan.world.checkMs }),
    cellLimits: {
      memoryMb: 1_024,
      processes: 64,
      commandTimeoutMs: 20_000,
      outputBytes: 64_000,
      fileBytes: 1_000_000,
    },
    provider: model.providerFor(process),
    secrets: nothingHeld,
    findProgram: () => null,
    compileTeam: (flow) => process.call('files.team', async () => simulatedTeam(flow)),
    baseline: () => process.call('files.baseline', async () => baselineOf(plan)),
    agentCeiling: microUsd(plan.world.agentCeilingMicroUsd),
    channels: [],
  };
}

function baselineOf({ world }: Plan): BaselineEntry[] {
  return [{ name: 'test', status: world.baseline, failedCount: null, passedCount: null }];
}

function mirrorThrough(world: World, process: SimulatedProcess): WorkerContext['mirror'] {
  const mirror = mirrorOn(world.git);
  const methods = throughProcess(process, 'mirror', mirror, [
    'importBranch',
    'resolve',
    'treeOf',
    'mergeTree',
    'commitTree',
    'moveRef',
    'findByTrailer',
    'isDescendant',
    'changedFiles',
    'diff',
    'show',
  ]);
  return {
    dir: mirror.dir,
    ...methods,
    advanceBranch: (request) =>
      process.call('mirror.advanceBranch', (special) => {
        if (special?.kind === 'targetMoves') moveTarget(world, special.file);
        return mirror.advanceBranch(request);
      }),
  };
}

/** Every call of the journal through the process; `prefix` names them for the faults. */
export function journalThrough(world: World, process: SimulatedProcess, prefix = 'journal'): Journal {
  const { journal, faults, nowMs } = world;
  const methods = throughProcess(process, prefix, journal, journalCalls);
  return {
    ...methods,
    // By a name of its own, so that a fault can meet the very moment at which somebody is asked.
    append: (unit) =>
      process.call(`${prefix}.${unit.stream.startsWith('question:') ? 'ask' : 'append'}`, () =>
        journal.append(unit),
      ),
    follow: journal.follow,
    close: async () => {},
    onWake: (listener) =>
      journal.onWake(() => {
        if (!faults.isDeaf(nowMs())) process.deliver(listener);
      }),
  };
}
