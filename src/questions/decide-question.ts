/**
 * What has to be done about one open question now, and when it has to be looked at again. Pure: facts in, events out; folded,
 * the events leave nothing due. Who may answer is judged in judge-answer.ts, the order among questions in plan-questions.ts.
 */
import { personOf } from '../policy/route-of.ts';
import type { Handle, Route, Stakeholders } from '../policy/stakeholders.ts';
import { findAskable, isAskable, nextChange } from './askable.ts';
import { advanceQuestion } from './fold-question.ts';
import type { QuestionEvent } from './question-event.ts';
import { isAsked, isOpen, type QuestionState } from './question-state.ts';
import { parkedReminderMs, repingMs, slaEndsAt } from './sla.ts';
import { pausesMesh, rungsOf, timeoutOf } from './timeout.ts';
import { addWorkingMs } from './working-hours.ts';

export interface DeskFacts {
  nowMs: number;
  stakeholders: Stakeholders;
  /** Of every person: the questions that are theirs now and that they were asked; with or without this one. */
  openAsks: ReadonlyMap<Handle, number>;
  /** Names of the channels in which this person is told; none: they look by themselves. */
  channelsOf: (to: Handle, route: Route) => readonly string[];
}

export interface QuestionDecision {
  events: QuestionEvent[];
  /** Above `nowMs`; null: nothing follows by time alone (settled, or no route yet). */
  nextDueAtMs: number | null;
}

export function decideQuestion(state: QuestionState, facts: DeskFacts): QuestionDecision {
  const events: QuestionEvent[] = [];
  const at = new Date(facts.nowMs).toISOString();
  let now = state;
  // Each step leaves the question settled or with its due time in the future: three at most follow each other.
  for (let step = decideStep(now, facts); step.length > 0; step = decideStep(now, facts)) {
    for (const event of step) now = advanceQuestion(now, event, at);
    events.push(...step);
  }
  return { events, nextDueAtMs: nextDueOf(now, facts) };
}

/** A question with a route. */
export type Routed = QuestionState & { route: Route; dueAt: string; routedAt: string };

export function isRouted(state: QuestionState): state is Routed {
  return isOpen(state) && state.route !== null && state.dueAt !== null && state.routedAt !== null;
}

function decideStep(state: QuestionState, facts: DeskFacts): QuestionEvent[] {
  if (!isOpen(state)) return [];
  if (!state.isOwn && state.askers.length === 0) {
    return [{ kind: 'question.withdrawn', data: { why: 'nobody waits for the answer any more' } }];
  }
  if (!isRouted(state)) return [];
  if (isDue(state, facts)) {
    const consequence = decideTimeout(state, facts);
    if (consequence.length > 0) return consequence;
  }
  if (!isAsked(state)) return decideFirstAsk(state, facts);
  return decideMove(state, facts) ?? decideReminder(state, facts);
}

function isDue({ dueAt }: Routed, { nowMs }: DeskFacts): boolean {
  return nowMs >= Date.parse(dueAt);
}

function decideTimeout(state: Routed, facts: DeskFacts): QuestionEvent[] {
  const timeout = timeoutOf(state);
  if (timeout === 'default' && state.defaultOption !== null) {
    const asked = [...new Set(state.asks.map(({ to }) => to))];
    const why = asked.length > 0 ? `asked: ${asked.join(', ')}` : whyNobody(state, facts);
    return [{ kind: 'question.defaulted', data: { option: state.defaultOption, asked, why } }];
  }
  if (pausesMesh(state)) {
    const why = `nobody acknowledged ${state.name} (${state.title}) in time`;
    return [{ kind: 'question.mesh_paused', data: { why } }];
  }
  if (!isAsked(state)) return [];
  if (timeout === 'remind' && state.repings === 0 && state.rung === 0) return askAgain(state, facts);
  return climb(state, facts);
}

function whyNobody(state: Routed, facts: DeskFacts): string {
  const isAnybodyOff = rungsOf(state, facts.stakeholders).some((rung) => !isAskable(rung, facts, 'anyway'));
  return `nobody could be asked: ${isAnybodyOff ? 'off hours' : 'everybody had as many open questions as they take'}`;
}

/** Those who come first have it; a deputy, or the next rung, where they cannot be asked now. */
function decideFirstAsk(state: Routed, facts: DeskFacts): QuestionEvent[] {
  const found = findAskable(rungsOf(state, facts.stakeholders), { from: 0 }, facts);
  if (found === null) return [];
  return [notify(state, facts, { ...found, dueAt: dueAfterAsk(state, found.to, facts) })];
}

/** The SLA that runs already; where it is over (nobody could be asked till now), a new one. */
function dueAfterAsk(state: Routed, to: Handle, facts: DeskFacts): string {
  return isDue(state, facts)
    ? slaEndsAt(state.route, facts.stakeholders, { of: to, fromMs: facts.nowMs })
    : state.dueAt;
}

/** The next rung that can be asked, and the primary again; nobody further up: the same again, as soon as they are at work. */
function climb(state: Routed, facts: DeskFacts): QuestionEvent[] {
  const { route, addressee, rung } = state;
  const rungs = rungsOf(state, facts.stakeholders);
  const found = findAskable(rungs, { from: rung + 1, except: addressee }, facts);
  if (found === null || addressee === null) return askAgain(state, facts);
  const { to } = found;
  const dueAt =
    timeoutOf(state) === 'remind'
      ? againAt(state, to, facts)
      : slaEndsAt(route, facts.stakeholders, { of: to, fromMs: facts.nowMs });
  return [
    { kind: 'question.escalated', data: { from: addressee, to, rung: found.rung, why: 'no answer in time' } },
    notify(state, facts, { to, rung: found.rung, why: 'escalated', dueAt }),
    ...remind(state, facts, { people: [route.primary].filter((primary) => primary !== to), dueAt }),
  ];
}

/** Whose question it is, and the primary, who may have been off when it was first asked. */
function askAgain(state: Routed, facts: DeskFacts): QuestionEvent[] {
  const people = [...new Set([state.addressee ?? state.route.primary, state.route.primary])];
  const present = people.filter((handle) => isAskable(handle, facts, 'anyway'));
  const [first] = present;
  if (first === undefined) return [];
  return remind(state, facts, { people: present, dueAt: againAt(state, first, facts) });
}

function remind(
  state: Routed,
  facts: DeskFacts,
  { people, dueAt }: { people: readonly Handle[]; dueAt: string },
): QuestionEvent[] {
  return people
    .filter((to) => isAskable(to, facts, 'anyway'))
    .map((to) => {
      const rung = to === state.addressee ? state.rung : 0;
      return notify(state, facts, { to, rung, why: 'reminder', dueAt });
    });
}

function againAt(state: Routed, of: Handle, { nowMs: fromMs, stakeholders }: DeskFacts): string {
  const { route } = state;
  const ms =
    timeoutOf(state) === 'remind'
      ? parkedReminderMs(route, state.timeouts + 1)
      : repingMs(route, state.repings + 1, stakeholders);
  return slaEndsAt(route, stakeholders, { of, fromMs, ms });
}

/** A deputy, or the next rung, where every channel has given up on the one whose question it is. Null: nobody, or no need. */
function decideMove(state: Routed, facts: DeskFacts): QuestionEvent[] | null {
  if (!isUnreachable(state)) return null;
  const { deputy } = personOf(facts.stakeholders, state.addressee ?? '');
  const isFresh = deputy !== null && state.asks.every(({ to }) => to !== deputy);
  const found =
    isFresh && isAskable(deputy, facts)
      ? { to: deputy, rung: state.rung }
      : findAskable(
          rungsOf(state, facts.stakeholders),
          { from: state.rung + 1, except: state.addressee },
          facts,
        );
  if (found === null) return null;
  const { to, rung } = found;
  return [notify(state, facts, { to, rung, why: 'unreachable', dueAt: dueAfterAsk(state, to, facts) })];
}

function isUnreachable({ asks, addressee, status }: Routed): boolean {
  const deliveries = asks.findLast(({ to }) => to === addressee)?.deliveries ?? [];
  const isGivenUp = deliveries.length > 0 && deliveries.every(({ failure }) => failure !== null);
  return isGivenUp && status === 'notified';
}

/** One, at half of the first SLA, to somebody who has said nothing. */
function decideReminder(state: Routed, facts: DeskFacts): QuestionEvent[] {
  const { addressee, dueAt } = state;
  const halfMs = reminderAtMs(state, facts);
  if (halfMs === null || addressee === null || facts.nowMs < halfMs || isDue(state, facts)) return [];
  return remind(state, facts, { people: [addressee], dueAt });
}

/** Null: none is due any more. Whoever was asked after half of the SLA is not reminded of it a moment later. */
function reminderAtMs(state: Routed, { stakeholders }: DeskFacts): number | null {
  const { mode, status, timeouts, asks, route, routedAt, addressee } = state;
  if (mode !== 'wait' || status !== 'notified' || timeouts > 0 || addressee === null) return null;
  const startMs = Date.parse(routedAt);
  const halfMs =
    route.clock === 'always'
      ? startMs + route.slaMs / 2
      : addWorkingMs(personOf(stakeholders, route.primary), startMs, route.slaMs / 2);
  const last = asks.at(-1);
  return last && last.why !== 'reminder' && Date.parse(last.at) < halfMs ? halfMs : null;
}

type Notified = Extract<QuestionEvent, { kind: 'question.notified' }>;

/** Delivery ids follow from the question and the ask, so that whoever decides the same orders the same. */
function notify(
  state: Routed,
  { channelsOf }: DeskFacts,
  ask: Pick<Notified['data'], 'to' | 'rung' | 'why' | 'dueAt'>,
): Notified {
  const urgency = state.urgency + 1;
  const deliveries = channelsOf(ask.to, state.route).map((channel) => ({
    id: `${state.name}/${urgency}/${ask.to}/${channel}`,
    channel,
  }));
  return { kind: 'question.notified', data: { ...ask, urgency, deliveries } };
}

function nextDueOf(state: QuestionState, facts: DeskFacts): number | null {
  if (!isRouted(state)) return null;
  const { nowMs, stakeholders } = facts;
  const times = [Date.parse(state.dueAt)];
  const halfMs = isAsked(state) ? reminderAtMs(state, facts) : null;
  if (halfMs !== null) times.push(halfMs);
  // Something is due, and nobody can be told: as soon as somebody can.
  const waitsForPeople =
    !isAsked(state) || isDue(state, facts) || isUnreachable(state) || (halfMs !== null && halfMs <= nowMs);
  if (waitsForPeople)
    times.push(...nextChange([...rungsOf(state, stakeholders), state.addressee ?? ''], facts));
  const later = times.filter((ms) => ms > nowMs);
  // Everybody at work has as many as they take: the answer to another question changes that, no clock does.
  return later.length > 0 ? Math.min(...later) : nowMs + repingMs(state.route, 1, stakeholders);
}
