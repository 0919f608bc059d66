/** Looks at what the desk did with one question in one unit: whom it asked, when and why, what it promised, what it decided. */
import type { QuestionEvent } from '../../src/questions/question-event.ts';
import { type Observation, patienceMs } from './observation.ts';
import {
  type Case,
  candidatesFrom,
  mustFollowAtMs,
  reminderAtMs,
  repingSlas,
  silenceOf,
  slasLater,
} from './observed-case.ts';
import { nextThere } from './office.ts';

type Notified = Extract<QuestionEvent, { kind: 'question.notified' }>['data'];

/** The events of one unit; `now` is when they were stored. */
export function judgeAsks(
  seen: Observation,
  known: Case,
  { events, nowMs }: { events: readonly QuestionEvent[]; nowMs: number },
): void {
  const asks = events.flatMap((event) => (event.kind === 'question.notified' ? [event.data] : []));
  const [first] = asks;
  if (!first) return;
  const isClimb = events.some(({ kind }) => kind === 'question.escalated');
  if (known.status === 'waiting') judgeFirstAsk(seen, known, first, nowMs);
  else if (isClimb) judgeClimb(seen, known, first, nowMs);
  else if (first.why === 'unreachable') judgeMove(seen, known, first, nowMs);
  else judgeReminder(seen, known, asks, nowMs);
  for (const ask of asks) noteAsk(seen, known, ask, nowMs);
  if (new Set(asks.map(({ to }) => to)).size < asks.length)
    seen.find('nobody is asked without a cause', known, nowMs, 'somebody is asked twice at once');
}

function noteAsk(
  seen: Observation,
  known: Case,
  { to, rung, why, deliveries, dueAt }: Notified,
  nowMs: number,
) {
  known.asks.push({ to, atMs: nowMs, deliveries: deliveries.map(({ id }) => id) });
  if (Date.parse(dueAt) !== known.dueMs) known.isAcknowledged = false;
  known.dueMs = Date.parse(dueAt);
  if (why === 'reminder') return;
  const before = known.status === 'asked' ? known.holder : null;
  seen.rooms.move(before, to, nowMs);
  if (seen.rooms.isOverLimit(to)) seen.find('attention limits hold', known, nowMs, `${to} has too many`);
  Object.assign(known, { status: 'asked', holder: to, rung });
}

function judgeFirstAsk(seen: Observation, known: Case, ask: Notified, nowMs: number): void {
  judgeChoice(seen, known, { ask, rung: 0, sinceMs: known.waitsSinceMs, except: null, nowMs });
  const isOver = nowMs >= known.dueMs;
  if (isOver && Date.parse(ask.dueAt) !== known.dueMs)
    judgePromise(seen, known, { ask, count: 1, of: ask.to, nowMs });
  else if (Date.parse(ask.dueAt) !== known.dueMs)
    seen.find('timers are neither early nor late', known, nowMs, `promised ${ask.dueAt}`);
  judgeTurn(seen, known, ask.to, nowMs);
}

function judgeClimb(seen: Observation, known: Case, ask: Notified, nowMs: number): void {
  mayFollow(seen, known, nowMs, ['climb', 'pause', 'remind']);
  const sinceMs = known.dueMs;
  judgeChoice(seen, known, { ask, rung: known.rung + 1, sinceMs, except: known.holder, nowMs });
  const isParked = silenceOf(known) === 'remind';
  const count = isParked ? repingSlas(known, known.timeouts + 1) : 1;
  judgePromise(seen, known, { ask, count, of: ask.to, nowMs });
  known.timeouts += 1;
  known.repings = 0;
}

/** Every channel has given up on whoever had it. */
function judgeMove(seen: Observation, known: Case, ask: Notified, nowMs: number): void {
  const last = known.asks.findLast(({ to }) => to === known.holder);
  const isGivenUp =
    last !== undefined &&
    last.deliveries.length > 0 &&
    last.deliveries.every((id) => known.undeliverable.has(id));
  if (!isGivenUp)
    seen.find(
      'nobody is asked without a cause',
      known,
      nowMs,
      `${ask.to} is asked as if ${known.holder} were unreachable`,
    );
  if (Date.parse(ask.dueAt) === known.dueMs) return;
  seen.lookAtTimers(known, nowMs);
  judgePromise(seen, known, { ask, count: 1, of: ask.to, nowMs });
  known.timeouts += 1;
}

function judgeReminder(seen: Observation, known: Case, asks: readonly Notified[], nowMs: number): void {
  const [first] = asks as [Notified];
  const whose = [known.holder, known.expected?.chain[0]];
  for (const { to, why } of asks) {
    if (why !== 'reminder' || !whose.includes(to))
      seen.find('nobody is asked without a cause', known, nowMs, `${to} is asked (${why})`);
  }
  if (Date.parse(first.dueAt) === known.dueMs) {
    const halfMs = reminderAtMs(known);
    if (halfMs === null || nowMs < halfMs || first.to !== known.holder || asks.length > 1)
      seen.find('nobody is asked without a cause', known, nowMs, `${first.to} is reminded`);
    seen.lookAtTimers(known, nowMs, true);
    known.hasReminded = true;
    return;
  }
  mayFollow(seen, known, nowMs, ['climb', 'pause', 'remind']);
  const asked = silenceOf(known) === 'remind' ? known.timeouts : known.repings;
  judgePromise(seen, known, { ask: first, count: repingSlas(known, asked + 1), of: first.to, nowMs });
  known.timeouts += 1;
  known.repings += 1;
}

/** Something follows from silence: it is time, and it is what the route says. */
export function mayFollow(seen: Observation, known: Case, nowMs: number, of: readonly string[]): void {
  const silence = silenceOf(known);
  if (!of.includes(silence))
    seen.find('ends as its route says', known, nowMs, `${silence} was to follow from silence, not ${of[0]}`);
  if (nowMs < known.dueMs)
    seen.find(
      'timers are neither early nor late',
      known,
      nowMs,
      `it is due ${Math.round((known.dueMs - nowMs) / 1000)} s later`,
    );
  seen.lookAtTimers(known, nowMs, mustFollowAtMs(known) <= nowMs);
}

/** What a message promises: so many SLAs from when it was decided, which is a moment before it was stored. */
function judgePromise(
  seen: Observation,
  known: Case,
  { ask, count, of, nowMs }: { ask: Notified; count: number; of: string; nowMs: number },
): void {
  if (known.expected === null) return;
  const dueMs = Date.parse(ask.dueAt);
  const least = slasLater(known.expected, of, nowMs - patienceMs, count);
  const most = slasLater(known.expected, of, nowMs, count);
  if (dueMs < least || dueMs > most)
    seen.find(
      'timers are neither early nor late',
      known,
      nowMs,
      `promised ${ask.dueAt}, ${count} SLAs are later`,
    );
}

/** Nobody who comes earlier could have been asked all the while. */
function judgeChoice(
  seen: Observation,
  known: Case,
  facts: { ask: Notified; rung: number; sinceMs: number; except: string | null; nowMs: number },
): void {
  const { ask, rung, sinceMs, except, nowMs } = facts;
  const candidates = candidatesFrom(known, rung).filter(({ person }) => person !== except);
  const chosen = candidates.findIndex(({ person }) => person === ask.to);
  if (chosen < 0 || candidates[chosen]?.rung !== ask.rung) {
    seen.find('whoever can be asked first is asked', known, nowMs, `${ask.to} is asked as rung ${ask.rung}`);
    return;
  }
  if (nextThere(ask.to, nowMs - patienceMs) > nowMs)
    seen.find('whoever can be asked first is asked', known, nowMs, `${ask.to} is not at work`);
  for (const { person } of candidates.slice(0, chosen)) {
    const since = seen.rooms.askableSince(person, nowMs);
    if (since === null) continue;
    if (seen.attendedMs({ fromMs: Math.max(since, sinceMs), toMs: nowMs }) > patienceMs)
      seen.find('whoever can be asked first is asked', known, nowMs, `${ask.to} is asked, not ${person}`);
  }
}

/** Blocking ones first, then the oldest. */
function judgeTurn(seen: Observation, known: Case, to: string, nowMs: number): void {
  for (const other of seen.waiting) {
    if (other === known || !isBefore(other, known)) continue;
    if (!candidatesFrom(other, 0).some(({ person }) => person === to)) continue;
    if (seen.attendedMs({ fromMs: other.waitsSinceMs, toMs: nowMs }) > patienceMs)
      seen.find('whoever can be asked first is asked', known, nowMs, `${to} is asked before ${other.name}`);
  }
}

function isBefore(a: Case, b: Case): boolean {
  const turn = ({ expected }: Case) => (expected?.mode === 'block' ? 0 : 1);
  return turn(a) - turn(b) < 0 || (turn(a) === turn(b) && numberIn(a) < numberIn(b));
}

function numberIn({ name }: Case): number {
  return Number(name.slice(2));
}
