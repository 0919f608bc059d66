/** Runs a plan from its first moment to its end, and says what came of it. The same plan gives the same history. */
import { createHash } from 'node:crypto';
import { createIdSource } from '../base/ids.ts';
import { isFinal } from '../items/is-final.ts';
import { itemStream } from '../items/item-stream.ts';
import type { StoredEvent } from '../journal/event.ts';
import { isRecorded } from '../questions/question-state.ts';
import { Answerers } from './answer-questions.ts';
import { type Coverage, countUp } from './coverage.ts';
import { calmMs } from './draw-plan.ts';
import { isAwaited } from './is-awaited.ts';
import { firstTree } from './memory-git.ts';
import { Persons } from './persons.ts';
import type { Fault, Plan } from './plan.ts';
import { scheduleFaults } from './schedule-faults.ts';
import { SimulatedFault, worldEpochMs } from './simulated-process.ts';
import { simulatedProject, simulatedTarget } from './simulated-team.ts';
import { journalThrough, SimulatedWorker } from './simulated-worker.ts';
import type { Violation } from './watch.ts';
import { World } from './world.ts';

export interface RunOutcome {
  plan: Plan;
  /** Over every stored event: two runs with the same hash had the same history. */
  hash: string;
  history: StoredEvent[];
  /** In the order in which they were seen; a run ends with the first moment that has one. */
  violations: Violation[];
  coverage: Coverage;
  /** Indexes of the plan's faults that came to pass. */
  faultsHappened: number[];
  stepCount: number;
  virtualMs: number;
}

/** From the last fault on, everything must come to its end within this. */
const patienceMs = 30 * 60_000;
/** Between the last thing that anybody waits for and the end: what is cleaned up later is cleaned up, and found if it is not. */
const graceMs = 1_000;
const cleaningMs = 60_000;
const stopMs = 120_000;

export async function runPlan(plan: Plan): Promise<RunOutcome> {
  const world = new World(plan);
  const firstCommit = world.git.addCommit({
    tree: world.git.putTree(firstTree()),
    parents: [],
    message: 'Start',
    trailers: {},
    at: 0,
  });
  world.git.userBranches.set(simulatedTarget, firstCommit);
  const run = new PlanRun(world);
  const stopListening = listenForRejections((error) => run.onRejection(error));
  try {
    await run.toTheEnd();
  } finally {
    stopListening();
  }
  return describeOutcome(world);
}

class PlanRun {
  readonly #world: World;
  readonly #persons: Persons;
  readonly #answerers: Answerers;
  readonly #workers: SimulatedWorker[];
  #settledSinceMs: number | null = null;
  #checkedHistory = 0;

  constructor(world: World) {
    this.#world = world;
    const [persons, answerers] = this.#createPeople();
    this.#persons = persons;
    this.#answerers = answerers;
    world.onItem = (number) => persons.look(number);
    world.onQuestion = (number) => answerers.hear(number);
    this.#workers = world.plan.world.workers.map(
      (worker, index) => new SimulatedWorker(world, worker, index),
    );
    world.onDeath = (process, restartMs) =>
      this.#workers.find((one) => one.process === process)?.startAgain(restartMs);
    scheduleFaults(world, (index) => this.#workers[index]?.process ?? null);
  }

  async toTheEnd(): Promise<void> {
    const { scheduler, violate } = this.#world;
    const end = await scheduler.run({
      untilUs: (calmMs + patienceMs) * 1000,
      isOver: () => this.#isOver(),
    });
    if (end !== 'over') violate('nothing waits for ever', `${this.#describeUnsettled()} (${end})`);
    if (this.#world.violations.length > 0) return;
    for (const worker of this.#workers) worker.stop();
    const stopped = await scheduler.run({
      untilUs: scheduler.nowUs() + stopMs * 1000,
      isOver: async () => (await this.#check()) || this.#workers.every((worker) => worker.hasStopped),
    });
    if (stopped !== 'over' && !this.#workers.every((worker) => worker.hasStopped)) {
      violate('worker goes on', 'a worker does not end when it is stopped');
    }
    if (this.#world.violations.length === 0) await this.#world.watcher.atEnd();
  }

  /** A promise nobody waited for was rejected: that ends a process. */
  onRejection(error: unknown): void {
    const name = error instanceof SimulatedFault ? error.processName : null;
    const worker = this.#workers.find((one) => name === null || one.process?.name === name);
    if (worker) worker.crash(error);
  }

  #createPeople(): [Persons, Answerers] {
    const world = this.#world;
    const { plan, scheduler, stakeholders } = world;
    const process = world.createProcess('persons');
    const nowMs = () => worldEpochMs + world.nowMs();
    const journal = journalThrough(world, process, 'person');
    const newId = createIdSource(nowMs, world.random('persons').bytes);
    const onError = (error: unknown) => world.violate('persons are heard', String(error));
    const persons = new Persons({
      plan,
      scheduler,
      journal,
      newId,
      stateOf: (number) => world.items.get(itemStream(simulatedProject, number)),
      git: world.git,
      readyCommits: (number) => world.readyCommits.get(number) ?? [],
      note: (request) => void world.asked.add(request),
      onError,
    });
    const answerers = new Answerers({
      seed: plan.seed,
      slaMs: plan.asks?.slaMs ?? 0,
      stakeholders,
      scheduler,
      journal,
      newId: createIdSource(nowMs, world.random('answerers').bytes),
      nowMs,
      questionOf: (number) => world.questions.get(number),
      isAwaited: (question) => isAwaited(question, world.items.values()),
      onError,
    });
    return [persons, answerers];
  }

  async #check(): Promise<boolean> {
    const { history, watcher, violations } = this.#world;
    if (history.length > this.#checkedHistory) {
      this.#checkedHistory = history.length;
      await watcher.afterStep();
    }
    return violations.length > 0;
  }

  /** At once where it can be told: it is asked after every happening. */
  #isOver(): boolean | Promise<boolean> {
    const { history, violations } = this.#world;
    if (violations.length > 0) return true;
    if (history.length === this.#checkedHistory) return this.#isEnd();
    return this.#check().then((isBroken) => isBroken || this.#isEnd());
  }

  #isEnd(): boolean | Promise<boolean> {
    const nowMs = this.#world.nowMs();
    if (!this.#isSettled()) this.#settledSinceMs = null;
    else this.#settledSinceMs ??= nowMs;
    if (this.#settledSinceMs === null) return false;
    const isClean = this.#world.machine.folders.size === 0;
    if (nowMs - this.#settledSinceMs < (isClean ? graceMs : cleaningMs)) return false;
    return this.#isHeardOut();
  }

  /** Somebody may have said something last that is not heard yet. */
  async #isHeardOut(): Promise<boolean> {
    if (await this.#hasMessages()) this.#settledSinceMs = null;
    if (this.#settledSinceMs === null) return false;
    this.#persons.fallSilent();
    this.#answerers.fallSilent();
    return true;
  }

  /** Nobody has anything left to do. */
  #isSettled(): boolean {
    const { items, questions, plan } = this.#world;
    if (items.size < plan.items.length || this.#persons.areSpeaking()) return false;
    if (!this.#answerers.areDone()) return false;
    // What the product asks itself, somebody answers in the end; and then it is written down what came of it.
    for (const question of questions.values()) if (!isRecorded(question)) return false;
    let isAnyOpen = false;
    for (const state of items.values()) {
      if (isFinal(state)) continue;
      isAnyOpen = true;
      if (!this.#persons.isLeft(state)) return false;
    }
    // Nothing that is said of items that are all over changes anything any more.
    return !isAnyOpen || this.#persons.areDone();
  }

  async #hasMessages(): Promise<boolean> {
    const { journal } = this.#world;
    for (const { stream } of await journal.streams(simulatedProject)) {
      if ((await journal.inbox(stream)).length > 0) return true;
    }
    return false;
  }

  #describeUnsettled(): string {
    const { items, questions } = this.#world;
    const open = [
      ...[...items.values()]
        .filter((state) => !isFinal(state))
        .map((state) => `item ${state.number} is ${state.status}`),
      ...[...questions.values()]
        .filter((one) => !isRecorded(one))
        .map((one) => `${one.name} is ${one.status}`),
    ];
    return open.join(', ') || 'something never ends';
  }
}

/** While a world runs, only its own code runs, so every rejection that nobody waited for is from it. */
function listenForRejections(onRejection: (error: unknown) => void): () => void {
  const others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', onRejection);
  return () => {
    process.removeListener('unhandledRejection', onRejection);
    for (const other of others) process.on('unhandledRejection', other);
  };
}

function describeOutcome(world: World): RunOutcome {
  const { plan, history, violations, coverage, faults, scheduler } = world;
  const hash = createHash('sha256');
  for (const event of history) hash.update(event.hash);
  const happened = [...faults.happened()].sort((a, b) => a - b);
  for (const index of happened) countUp(coverage, `fault ${nameOf(plan.faults[index])}`);
  return {
    plan,
    hash: hash.digest('hex'),
    history,
    violations,
    coverage,
    faultsHappened: happened,
    stepCount: scheduler.stepCount(),
    virtualMs: Math.round(world.nowMs()),
  };
}

function nameOf(fault: Fault | undefined): string {
  if (!fault) return 'none';
  if ('moment' in fault) return `${fault.kind} ${fault.moment}`;
  return fault.kind === 'clockJump' ? `clockJump ${fault.whose}` : fault.kind;
}
