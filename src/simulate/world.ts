/**
 * A simulated world: storage, machine, model and chance of one plan, and the record of what happens in it. Who acts in it
 * is added by run-plan.ts; everything acts through the scheduler.
 */
import type { ItemEvent } from '../items/item-event.ts';
import type { ItemState } from '../items/item-state.ts';
import type { StoredEvent, StreamId } from '../journal/event.ts';
import { createMemoryJournal } from '../journal/in-memory.ts';
import type { Claim, Journal } from '../journal/journal.ts';
import type { Stakeholders } from '../policy/stakeholders.ts';
import type { QuestionState } from '../questions/question-state.ts';
import { type Coverage, coverEvent, coverItem } from './coverage.ts';
import { simulatedStakeholders } from './draw-asks.ts';
import { FaultBook } from './fault-book.ts';
import { allWatchers } from './invariants/all.ts';
import { watchFolds } from './invariants/folds.ts';
import { MemoryGit } from './memory-git.ts';
import { MemoryMachine } from './memory-machine.ts';
import type { Plan } from './plan.ts';
import { createRandom, type Random } from './random.ts';
import { createScheduler, type Scheduler } from './scheduler.ts';
import { SimulatedProcess, worldEpochMs } from './simulated-process.ts';
import { createSyntheticModel, type SyntheticModel } from './synthetic-model.ts';
import { tellAll, type Violation, type Watched, type Watcher } from './watch.ts';
import { watchJournal } from './watched-journal.ts';

export class World implements Watched {
  readonly plan: Plan;
  readonly scheduler: Scheduler;
  readonly faults: FaultBook;
  readonly git: MemoryGit;
  readonly machine: MemoryMachine;
  readonly model: SyntheticModel;
  /** The storage itself; processes reach it through calls. */
  readonly journal: Journal;
  readonly watcher: Required<Watcher>;
  readonly history: StoredEvent[] = [];
  readonly items = new Map<StreamId, ItemState>();
  readonly questions = new Map<number, QuestionState>();
  readonly stakeholders: Stakeholders;
  readonly readyCommits = new Map<number, string[]>();
  readonly asked = new Set<string>();
  readonly holders = new Map<StreamId, Claim>();
  readonly violations: Violation[] = [];
  readonly coverage: Coverage = {};
  /** Microseconds by which the wall clocks of the machine and of the database are off. */
  readonly offsetsUs = { host: 0, database: 0 };
  /** Called with the number of an item of which something was stored. */
  onItem: (number: number) => void = () => {};
  /** Called with the number of a question that was just asked. */
  onQuestion: (number: number) => void = () => {};
  /** Called when a process has died. */
  onDeath: (process: SimulatedProcess, restartMs: number) => void = () => {};
  readonly #processes = new Map<string, SimulatedProcess>();

  constructor(plan: Plan) {
    this.plan = plan;
    this.stakeholders = simulatedStakeholders(plan.asks);
    this.scheduler = createScheduler(this.random('scheduler'));
    this.faults = new FaultBook(plan, this.random('fates'));
    this.git = new MemoryGit((move) => this.watcher.onMove(move));
    this.machine = new MemoryMachine({
      git: this.git,
      random: this.random('machine'),
      isFlaky: plan.world.baseline === 'flaky',
      listener: {
        onWrite: (cell) => this.watcher.onWrite(cell),
        onCheck: (tree, isGreen) => this.watcher.onCheck(tree, isGreen),
      },
    });
    const storage = this.#createStorage();
    this.journal = storage;
    this.watcher = tellAll([...this.#recorders(), ...allWatchers.map((create) => create(this))]);
    this.journal = watchJournal(storage, this.watcher, this.holders);
    this.model = createSyntheticModel({
      seed: plan.seed,
      modelMs: plan.world.modelMs,
      asks: plan.asks,
      brains: {
        carelessness: plan.world.carelessness,
        taskCountOf: (number) => plan.items[(number - 1) % plan.items.length]?.taskCount ?? 1,
      },
      onCall: (process, request) => this.watcher.onModelCall(process, request),
    });
  }

  random(label: string): Random {
    return createRandom(label, this.plan.seed);
  }

  nowMs = (): number => this.scheduler.nowUs() / 1000;

  violate = (invariant: string, message: string): void => {
    this.violations.push({ invariant, message, atMs: this.nowMs(), position: this.history.length });
  };

  createProcess(name: string): SimulatedProcess {
    const created = new SimulatedProcess(name, {
      scheduler: this.scheduler,
      fateOf: (_, op) => this.faults.fateOf(op, this.nowMs()),
      wallOffsetUs: () => this.offsetsUs.host,
      onDeath: (process, { restartMs, losesDisk }) => {
        this.machine.orphanCellsOf(process, losesDisk);
        this.onDeath(process, restartMs);
      },
    });
    this.#processes.set(name, created);
    return created;
  }

  /** As a neighbour on the same machine sees it. */
  isSurelyDead(name: string): boolean {
    return this.#processes.get(name)?.isAlive === false;
  }

  #createStorage(): Journal {
    const wakes = this.random('wakes');
    return createMemoryJournal({
      clock: {
        now: () => worldEpochMs + Math.floor((this.scheduler.nowUs() + this.offsetsUs.database) / 1000),
        monotonicMs: this.nowMs,
        sleep: () => Promise.reject(new Error('storage does not sleep')),
      },
      defer: (run) => void this.scheduler.after(wakes.between(0, 3_000), run),
    });
  }

  /** They come first, so that the watchers see what was just stored. */
  #recorders(): Watcher[] {
    const { items, questions, violate } = this;
    const onQuestion = (number: number) => this.onQuestion(number);
    const onItem = (before: ItemState, after: ItemState, event: ItemEvent): void => {
      coverItem(this.coverage, before, after, event);
      if (event.kind === 'item.ready') {
        const commits = this.readyCommits.get(after.number) ?? [];
        this.readyCommits.set(after.number, [...commits, event.data.commit]);
      }
      this.onItem(after.number);
    };
    const recorder: Watcher = {
      onEvent: (event) => {
        this.history.push(event);
        coverEvent(this.coverage, event);
      },
    };
    return [recorder, watchFolds({ items, questions, onItem, onQuestion, violate })];
  }
}
