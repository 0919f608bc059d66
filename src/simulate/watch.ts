/**
 * What the watchers of a world (invariants/) are told, and the history that they share. A watcher only looks: it changes
 * nothing and knows what the guards promise, not how they keep it.
 */
import type { ModelRequest } from '../gateway/model.ts';
import type { ItemState } from '../items/item-state.ts';
import type { StoredEvent, StreamId } from '../journal/event.ts';
import type { Claim, Journal } from '../journal/journal.ts';
import type { Unit } from '../journal/unit.ts';
import type { QuestionState } from '../questions/question-state.ts';
import type { Commit, MemoryGit, RefListener } from './memory-git.ts';
import type { MachineCell, MemoryMachine } from './memory-machine.ts';
import type { Plan } from './plan.ts';
import type { SimulatedProcess } from './simulated-process.ts';

export interface Watcher {
  /** Stored just now, as part of this unit. */
  onEvent?(event: StoredEvent, unit: Unit): void;
  onClaim?(claim: Claim): void;
  /** The provider is being called. */
  onModelCall?(process: SimulatedProcess, request: ModelRequest): void;
  onMove?: RefListener;
  onWrite?(cell: MachineCell): void;
  onCheck?(tree: string, isGreen: boolean): void;
  /** After every happening during which something was stored. */
  afterStep?(): Promise<void>;
  /** Everything that could go on has ended, and the workers with it. */
  atEnd?(): Promise<void>;
}

/** What watchers may look at. */
export interface Watched {
  plan: Plan;
  journal: Journal;
  git: MemoryGit;
  machine: MemoryMachine;
  /** Folded as far as they could be. */
  items: ReadonlyMap<StreamId, ItemState>;
  /** By number. */
  questions: ReadonlyMap<number, QuestionState>;
  /** Requests that persons really made: `accept 3 <commit>`. */
  asked: ReadonlySet<string>;
  /** Owners by claim unit, the latest claim's. */
  holders: ReadonlyMap<StreamId, Claim>;
  nowMs: () => number;
  violate: (invariant: string, message: string) => void;
}

export type CreateWatcher = (watched: Watched) => Watcher;

export interface Violation {
  invariant: string;
  message: string;
  atMs: number;
  /** Position of the last event. */
  position: number;
}

/** Every watcher gets every word. */
export function tellAll(watchers: readonly Watcher[]): Required<Watcher> {
  return {
    onEvent: (event, unit) => {
      for (const watcher of watchers) watcher.onEvent?.(event, unit);
    },
    onClaim: (claim) => {
      for (const watcher of watchers) watcher.onClaim?.(claim);
    },
    onModelCall: (process, request) => {
      for (const watcher of watchers) watcher.onModelCall?.(process, request);
    },
    onMove: (move) => {
      for (const watcher of watchers) watcher.onMove?.(move);
    },
    onWrite: (cell) => {
      for (const watcher of watchers) watcher.onWrite?.(cell);
    },
    onCheck: (tree, isGreen) => {
      for (const watcher of watchers) watcher.onCheck?.(tree, isGreen);
    },
    afterStep: async () => {
      for (const { afterStep } of watchers) if (afterStep) await afterStep();
    },
    atEnd: async () => {
      for (const watcher of watchers) await watcher.atEnd?.();
    },
  };
}

/** Values of a trailer over a history, with repetitions. */
export function trailerValues(history: readonly Commit[], name: string): string[] {
  return history.flatMap((commit) => commit.trailers[name] ?? []);
}

export function findRepeated(values: readonly string[]): string | undefined {
  return values.find((value, index) => values.indexOf(value) !== index);
}
