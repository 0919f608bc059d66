/**
 * Who is asked what, over all questions at once: people have a limit of open asks, so what is decided about one question
 * depends on the others. Pure; blocking questions come first, then the oldest.
 */
import type { Handle } from '../policy/stakeholders.ts';
import { type DeskFacts, decideQuestion, isRouted, type QuestionDecision } from './decide-question.ts';
import { advanceQuestion } from './fold-question.ts';
import { isAsked, isOpen, type QuestionState } from './question-state.ts';
import { timeoutOf } from './timeout.ts';

/** What was decided before; of a question that has not changed since and is not due, nothing else can come. */
export type Quiet = ReadonlyMap<number, { version: number; nextDueAtMs: number | null }>;

export type PlanFacts = Omit<DeskFacts, 'openAsks'> & {
  /** Of each person: what they are asked besides questions. */
  otherAsks: ReadonlyMap<Handle, number>;
  /** Since the last plan somebody has become free for one more; or nobody knows. */
  hasRoomCome: boolean;
};

/**
 * By number; the open questions that needed no look are left out. Written, the events leave nothing due.
 * @param questions all open ones, in any order
 * @param quiet what the last plan said, unless the stakeholder map has changed since
 */
export function planQuestions(
  questions: Iterable<QuestionState>,
  facts: PlanFacts,
  quiet: Quiet = new Map(),
): Map<number, QuestionDecision> {
  const open = [...questions].filter(isOpen);
  const changed = open.filter((state) => needsLook(state, facts.nowMs, quiet));
  if (!facts.hasRoomCome) {
    const decisions = planTogether(open, changed, facts);
    if ([...decisions.values()].every(({ events }) => events.length === 0)) return decisions;
  }
  // Something is given to somebody: what nobody has been asked yet has its turn, whatever it said before.
  const isChanged = new Set(changed);
  const looked = open.filter((state) => state.status === 'asked' || isChanged.has(state));
  return planTogether(open, looked, facts);
}

function planTogether(
  open: readonly QuestionState[],
  looked: readonly QuestionState[],
  facts: PlanFacts,
): Map<number, QuestionDecision> {
  const openAsks = countOpenAsks(open);
  for (const [person, count] of facts.otherAsks) openAsks.set(person, (openAsks.get(person) ?? 0) + count);
  const waiting = [...looked].sort(byTurn(facts.nowMs));
  const states = new Map(waiting.map((state) => [state.number, state]));
  const decisions = new Map<number, QuestionDecision>();
  const at = new Date(facts.nowMs).toISOString();
  // Whoever hands a question on has room for another one: those that wait are looked at again.
  for (let isSettled = false; !isSettled; ) {
    isSettled = true;
    for (const { number } of waiting) {
      const state = states.get(number) as QuestionState;
      const { events, nextDueAtMs } = decideQuestion(state, { ...facts, openAsks });
      const after = events.reduce((now, event) => advanceQuestion(now, event, at), state);
      decisions.set(number, { events: [...(decisions.get(number)?.events ?? []), ...events], nextDueAtMs });
      states.set(number, after);
      moveAsk(openAsks, holderOf(state), holderOf(after));
      if (events.length > 0) isSettled = false;
    }
  }
  return decisions;
}

/** Of every person: the questions that are theirs now and that they were asked. */
export function countOpenAsks(questions: Iterable<QuestionState>): Map<Handle, number> {
  const openAsks = new Map<Handle, number>();
  for (const state of questions) moveAsk(openAsks, null, holderOf(state));
  return openAsks;
}

function holderOf(state: QuestionState): Handle | null {
  return isAsked(state) ? state.addressee : null;
}

function moveAsk(openAsks: Map<Handle, number>, from: Handle | null, to: Handle | null): void {
  if (from === to) return;
  if (from !== null) openAsks.set(from, (openAsks.get(from) ?? 0) - 1);
  if (to !== null) openAsks.set(to, (openAsks.get(to) ?? 0) + 1);
}

/** By itself; what nobody has been asked yet waits for the others, too. */
function needsLook(state: QuestionState, nowMs: number, quiet: Quiet): boolean {
  const before = quiet.get(state.number);
  if (before?.version !== state.version) return true;
  return before.nextDueAtMs !== null && before.nextDueAtMs <= nowMs;
}

/** What is settled now makes room first; then blocking ones, then the oldest. */
function byTurn(nowMs: number): (a: QuestionState, b: QuestionState) => number {
  const turn = (state: QuestionState): number => {
    const isDefaulting =
      isRouted(state) && timeoutOf(state) === 'default' && Date.parse(state.dueAt) <= nowMs;
    return isDefaulting ? 0 : state.mode === 'block' ? 1 : 2;
  };
  return (a, b) => turn(a) - turn(b) || a.number - b.number;
}
