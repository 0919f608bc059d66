/** What the observer of a month keeps while it goes through it, and what it found. */
import type { StreamId } from '../../src/journal/event.ts';
import { worldEpochMs } from '../../src/simulate/simulated-process.ts';
import type { MonthFacts } from './month-facts.ts';
import { type Case, mayRule, mustFollowAtMs, reminderAtMs } from './observed-case.ts';
import { nextThere } from './office.ts';
import { Rooms } from './rooms.ts';
import { type Span, uncoveredMs, without } from './spans.ts';

/** A promise that was not kept, and where. */
export interface Problem {
  rule: Rule;
  about: string;
  at: string;
  what: string;
}

export type Rule =
  | 'ends as its route says'
  | 'timers are neither early nor late'
  | 'nobody is asked without a cause'
  | 'whoever can be asked first is asked'
  | 'attention limits hold'
  | 'the right person rules'
  | 'each asker is told once'
  | 'the same is asked once'
  | 'each decision is recorded once'
  | 'a block holds as long as its question'
  | 'what is said arrives once'
  | 'nothing is forgotten'
  | 'the product fails nowhere';

/** With a desk there, what is due has happened within this; its writes take their time, one after another. */
export const patienceMs = 60_000;

export interface Remembered {
  id: string;
  answers: string | null;
  topic: string;
  scope: string;
  statement: string;
  question: string | null;
  isDefault: boolean;
  atMs: number;
  isActive: boolean;
}

export class Observation {
  readonly facts: MonthFacts;
  readonly problems: Problem[] = [];
  readonly cases = new Map<string, Case>();
  /** Of them: those that nobody has been asked yet. */
  readonly waiting = new Set<Case>();
  /** What the engineering lead said about kinds without a route. */
  readonly rulings = new Map<string, { statement: string; atMs: number }>();
  readonly rooms = new Rooms(worldEpochMs);
  readonly records = new Map<string, Remembered>();
  readonly #byQuestion = new Map<string, Remembered[]>();
  readonly #byKey = new Map<string, Remembered[]>();
  /** By holder and scope: when a block was to hold, and when it did. */
  readonly wanted = new Map<string, Span[]>();
  readonly held = new Map<string, Span[]>();
  /** By kind: when a question waited for a route, and when somebody was being asked for one. */
  readonly unrouted = new Map<string, Span[]>();
  readonly gaps = new Map<string, Span[]>();
  /** By call: how often its item was told. */
  readonly tellings = new Map<string, number>();
  /** What people said and was taken. */
  wordCount = 0;
  /** Of the timers, with a desk there. */
  latestMs = 0;
  timerCount = 0;

  constructor(facts: MonthFacts) {
    this.facts = facts;
  }

  find(rule: Rule, about: { name: string } | StreamId | string, atMs: number, what: string): void {
    const name = typeof about === 'string' ? about : about.name;
    this.problems.push({ rule, about: name, at: new Date(atMs).toISOString(), what });
  }

  /** What memory holds about it; null: nothing, or what is contested. */
  bindingOf({ kind, topic, scope }: Case['key']): Remembered | null {
    const known = this.#byKey.get(`${kind} ${topic} ${scope}`) ?? [];
    return known.find(({ isActive }) => isActive) ?? null;
  }

  recordsOf(question: string | null): readonly Remembered[] {
    return question === null ? [] : (this.#byQuestion.get(question) ?? []);
  }

  remember(record: Remembered): void {
    if (record.question !== null)
      this.#byQuestion.set(record.question, [...this.recordsOf(record.question), record]);
    this.records.set(record.id, record);
    const key = `${record.answers} ${record.topic} ${record.scope}`;
    this.#byKey.set(key, [...(this.#byKey.get(key) ?? []), record]);
  }

  judgeSpeaker(known: Case, by: string, atMs: number): void {
    this.wordCount += 1;
    if (!mayRule(known, by)) this.find('the right person rules', known, atMs, `${by} had no say in it`);
  }

  /** How much of it a desk was there. */
  attendedMs(span: Span): number {
    return uncoveredMs(span, this.facts.downs);
  }

  /** Something has happened to it, or the month is over: what was due before has happened, or is late. */
  lookAtTimers(known: Case, atMs: number, isItself = false): void {
    const dueMs = mustFollowAtMs(known);
    if (dueMs < atMs) this.#judgeLateness(known, { fromMs: dueMs, toMs: atMs }, isItself);
    const halfMs = reminderAtMs(known);
    if (halfMs === null || halfMs >= atMs || known.holder === null) return;
    const tellMs = nextThere(known.holder, halfMs);
    if (tellMs < Math.min(known.dueMs, atMs)) {
      this.#judgeLateness(known, { fromMs: tellMs, toMs: Math.min(known.dueMs, atMs) }, isItself);
    }
  }

  #judgeLateness(known: Case, span: Span, isItself: boolean): void {
    const lateMs = this.attendedMs(span);
    if (isItself) {
      this.timerCount += 1;
      this.latestMs = Math.max(this.latestMs, lateMs);
    }
    if (lateMs <= patienceMs) return;
    const late = `${Math.round(lateMs / 1000)} s late with a desk there`;
    this.find('timers are neither early nor late', known, span.fromMs, `what was due is ${late}`);
  }

  /** What was so and was not to be, or the other way round, for longer than a desk takes. */
  compare(
    rule: Rule,
    wanted: ReadonlyMap<string, readonly Span[]>,
    actual: ReadonlyMap<string, readonly Span[]>,
    isExact: boolean,
  ): void {
    for (const about of new Set([...wanted.keys(), ...actual.keys()])) {
      const [want, have] = [wanted.get(about) ?? [], actual.get(about) ?? []];
      for (const span of without(want, have)) this.#judgeGap(rule, about, span, 'is missing');
      for (const span of isExact ? without(have, want) : []) this.#judgeGap(rule, about, span, 'is too much');
    }
  }

  #judgeGap(rule: Rule, about: string, span: Span, what: string): void {
    const ms = this.attendedMs(span);
    if (ms > patienceMs) this.find(rule, about, span.fromMs, `${what} for ${Math.round(ms / 1000)} s`);
  }
}

/** Opens a span that is closed by `endSpan`. */
export function beginSpan(spans: Map<string, Span[]>, key: string, atMs: number): void {
  const known = spans.get(key) ?? [];
  if (known.at(-1)?.toMs === Number.POSITIVE_INFINITY) return;
  spans.set(key, [...known, { fromMs: atMs, toMs: Number.POSITIVE_INFINITY }]);
}

export function endSpan(spans: Map<string, Span[]>, key: string, atMs: number): void {
  const last = spans.get(key)?.at(-1);
  if (last?.toMs === Number.POSITIVE_INFINITY) last.toMs = atMs;
}
