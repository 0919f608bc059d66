/**
 * One simulated month of one mesh: virtual time, a journal, processes that may die at any call, and somebody who watches. Who
 * acts in it is elsewhere (desks, askers, people); everything that is stored or said passes the watcher.
 */
import { createIdSource } from '../../src/base/ids.ts';
import type { StreamId } from '../../src/journal/event.ts';
import { createMemoryJournal } from '../../src/journal/in-memory.ts';
import type { Journal } from '../../src/journal/journal.ts';
import type { InboxPost } from '../../src/journal/unit.ts';
import { type MemoryReader, openMemory } from '../../src/memory/memory-store.ts';
import type { Stakeholders } from '../../src/policy/stakeholders.ts';
import { createRandom, type Random } from '../../src/simulate/random.ts';
import { createScheduler, type Scheduler } from '../../src/simulate/scheduler.ts';
import { SimulatedProcess, worldEpochMs } from '../../src/simulate/simulated-process.ts';
import { journalCalls, throughProcess } from '../../src/simulate/through-process.ts';
import type { StoredUnit } from './month-facts.ts';
import { officeMap } from './office.ts';

export const project = 'orders';

export interface MonthWatcher {
  onUnit(unit: StoredUnit): void;
}

/** How a process may end. */
export interface Danger {
  /** Of death at one call: before it takes effect, or after. */
  deathChance: number;
  onDeath: () => void;
}

const readMethods = ['read', 'getBlob', 'streams', 'streamHead', 'inbox'] as const;
type ReadMethod = (typeof readMethods)[number];

/** Until then there may be deaths and outages; after it the month is looked at. */
export class World {
  readonly seed: number;
  readonly scheduler: Scheduler;
  /** The storage itself; everything that was stored is shown to the watcher. */
  readonly journal: Journal;
  /** Of the worker in which the agents run: folded on, not anew for each. */
  readonly memory: MemoryReader;
  readonly stakeholders: Stakeholders = officeMap();
  readonly #fates: Random;
  readonly #wakes = new Set<() => void>();
  #processCount = 0;

  constructor(seed: number, watcher: MonthWatcher) {
    this.seed = seed;
    this.scheduler = createScheduler(this.random('scheduler'));
    this.#fates = this.random('fates');
    const storage = createMemoryJournal({
      clock: { now: this.nowMs, monotonicMs: this.nowMs, sleep: () => Promise.reject(new Error('never')) },
      defer: (run) => void this.scheduler.after(this.#fates.between(0, 3_000), run),
    });
    storage.onWake(() => {
      for (const wake of this.#wakes) wake();
    });
    this.memory = openMemory(storage, project);
    this.journal = {
      ...storage,
      append: async (unit) => {
        // No item's driver is here to read its inbox; the watcher takes what is for items.
        const outcome = await storage.append({ ...unit, posts: (unit.posts ?? []).filter(isForNoItem) });
        if (outcome.outcome === 'appended' && !outcome.isDuplicate)
          watcher.onUnit({ atMs: this.nowMs(), events: outcome.events, posts: unit.posts ?? [] });
        return outcome;
      },
    };
  }

  random(...labels: (string | number)[]): Random {
    return createRandom(...labels, this.seed);
  }

  /** The same for everybody. */
  nowMs = (): number => worldEpochMs + Math.floor(this.scheduler.nowUs() / 1000);

  /** Happens at that moment, or at once when it is past. */
  at(ms: number, happen: () => void): void {
    this.scheduler.after((ms - this.nowMs()) * 1000, happen);
  }

  /** A process of its own, with its way to the journal. */
  enter(name: string, danger: Danger | null): Entrance {
    this.#processCount += 1;
    const process = new SimulatedProcess(`${name}-${this.#processCount}`, {
      scheduler: this.scheduler,
      fateOf: () => this.#fate(danger?.deathChance ?? 0),
      wallOffsetUs: () => 0,
      onDeath: () => {
        for (const wake of wakes) this.#wakes.delete(wake);
        danger?.onDeath();
      },
    });
    const wakes = new Set<() => void>();
    const ids = this.random('ids', process.name);
    const onWake: Journal['onWake'] = (listener) => {
      const heard = (): void => process.deliver(listener);
      wakes.add(heard);
      this.#wakes.add(heard);
      return () => this.#wakes.delete(heard);
    };
    const throughAll = throughProcess(process, 'journal', this.journal, ['append', ...journalCalls]);
    return {
      process,
      journal: { ...this.journal, ...throughAll, ...this.#readingAtOnce(process, throughAll), onWake },
      newId: createIdSource(this.nowMs, ids.bytes),
    };
  }

  /** A read in twenty takes its time, as every write does; the others take none, or a month would take hours. */
  #readingAtOnce(process: SimulatedProcess, slowly: Pick<Journal, ReadMethod>): Pick<Journal, ReadMethod> {
    const methods = readMethods.map((name) => {
      const [atOnce, slow] = [this.journal[name], slowly[name]] as ((
        ...args: unknown[]
      ) => Promise<unknown>)[];
      const read = (...args: unknown[]): Promise<unknown> => {
        if (this.#fates.chance(0.05)) return slow?.(...args) ?? Promise.reject(new Error(name));
        return process.isAlive
          ? (atOnce?.(...args) ?? Promise.reject(new Error(name)))
          : new Promise(() => {});
      };
      return [name, read];
    });
    return Object.fromEntries(methods);
  }

  #fate(deathChance: number): ReturnType<ConstructorParameters<typeof SimulatedProcess>[1]['fateOf']> {
    const random = this.#fates;
    const isDeath = random.chance(deathChance);
    return {
      sendUs: random.chance(0.8) ? 0 : random.between(1, 2_000),
      answerUs: random.chance(0.8) ? 0 : random.between(1, 2_000),
      isOnItsWay: random.chance(0.5),
      death: isDeath ? (random.chance(0.5) ? 'before' : 'after') : null,
      restartMs: 0,
      losesDisk: false,
      error: null,
      special: null,
    };
  }
}

export interface Entrance {
  process: SimulatedProcess;
  journal: Journal;
  newId: () => string;
}

function isForNoItem({ stream }: InboxPost): boolean {
  return !stream.startsWith('item:');
}

/** `question:orders/7` → 7; null for every other stream. */
export function numberOf(stream: StreamId): number | null {
  const prefix = `question:${project}/`;
  return stream.startsWith(prefix) ? Number(stream.slice(prefix.length)) : null;
}
