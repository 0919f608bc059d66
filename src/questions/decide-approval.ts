/**
 * What time makes of an approval: whom to tell, when to remind, when a yes or a round has run out. It is asked anew as often
 * as it takes: no answer neither drops the request nor does the action. Pure; asked again whenever something has changed.
 */
import { personOf } from '../policy/route-of.ts';
import type { ApprovalTier, Handle, Stakeholders } from '../policy/stakeholders.ts';
import type { ApprovalEvent } from './approval-event.ts';
import { type ApprovalState, applyApproval, isSettled } from './approval-state.ts';
import { approversOf, isSamePerson, tierNow } from './approvers-of.ts';
import { validYeses } from './judge-approval.ts';

export interface ApprovalFacts {
  nowMs: number;
  stakeholders: Stakeholders;
  /** How many further asks this person has room for, this one not counted. */
  roomOf: (person: Handle) => number;
  /** Names of the channels in which this person is told; none: they look by themselves. */
  channelsOf: (to: Handle) => readonly string[];
  newId: () => string;
}

export interface ApprovalDecision {
  events: ApprovalEvent[];
  /** When to ask again although nothing happened; null: never. */
  nextDueAtMs: number | null;
}

type Notified = Extract<ApprovalEvent, { kind: 'approval.notified' }>;

export function decideApproval(before: ApprovalState, facts: ApprovalFacts): ApprovalDecision {
  if (isSettled(before)) return { events: [], nextDueAtMs: null };
  const { nowMs } = facts;
  const tier = tierNow(before.tier, facts.stakeholders);
  const lapsed = findLapse(before, facts);
  let state = applyAll(before, lapsed, nowMs);
  const notified =
    state.status === 'open' ? [...remind(state, tier, facts), ...tell(state, tier, facts)] : [];
  state = applyAll(state, notified, nowMs);
  return { events: [...lapsed, ...notified], nextDueAtMs: nextDue(state, tier) };
}

/** A granted one lapses with the first of its yeses; an open one at the end of its round, or as a yes runs out before. */
export function findLapse(
  state: ApprovalState,
  { nowMs, stakeholders }: Pick<ApprovalFacts, 'nowMs' | 'stakeholders'>,
): ApprovalEvent[] {
  const { peopleCount, windowMs } = tierNow(state.tier, stakeholders);
  const valid = validYeses(state, nowMs, stakeholders);
  const gone = state.yeses.filter((yes) => !valid.includes(yes)).map(({ by }) => by);
  const isOver =
    state.status === 'granted' ? valid.length < peopleCount : nowMs >= Date.parse(state.expiresAt);
  if (!isOver && gone.length === 0) return [];
  const expiresAt = new Date(nowMs + windowMs).toISOString();
  return [{ kind: 'approval.lapsed', data: { by: gone, expiresAt } }];
}

/** Once a round, when half of it is over, whoever was told and has not said yes. */
function remind(state: ApprovalState, tier: ApprovalTier, facts: ApprovalFacts): Notified[] {
  if (state.isReminded || facts.nowMs < halfOf(state, tier)) return [];
  const to = state.told.filter((person) => !hasSaidYes(state, person, facts.stakeholders));
  return to.length === 0
    ? []
    : [notified(state, facts, { to, why: 'reminder', urgency: (state.urgency ?? -1) + 1 })];
}

/** Every approver who has room; for one who has none, the deputy who has. The others when they have, in the order of the asks. */
function tell(state: ApprovalState, tier: ApprovalTier, facts: ApprovalFacts): Notified[] {
  const { stakeholders, roomOf } = facts;
  const isOpenTo = (person: Handle) =>
    !state.told.includes(person) && !hasSaidYes(state, person, stakeholders);
  const asked: Handle[] = [];
  const deputies: Handle[] = [];
  for (const approver of approversOf(tier, stakeholders)) {
    if (!isOpenTo(approver)) continue;
    if (roomOf(approver) > 0) asked.push(approver);
    else {
      const { deputy } = personOf(stakeholders, approver);
      if (deputy !== null && isOpenTo(deputy) && roomOf(deputy) > 0) deputies.push(deputy);
    }
  }
  const urgency = state.told.length === 0 ? (state.urgency ?? -1) + 1 : (state.urgency ?? 0);
  const further = deputies.filter((deputy) => !asked.includes(deputy));
  return [
    ...(asked.length > 0 ? [notified(state, facts, { to: asked, why: 'asked', urgency })] : []),
    ...(further.length > 0
      ? [notified(state, facts, { to: [...new Set(further)], why: 'deputy', urgency })]
      : []),
  ];
}

function notified(
  { name }: ApprovalState,
  { channelsOf, newId }: ApprovalFacts,
  message: Omit<Notified['data'], 'deliveries'>,
): Notified {
  const deliveries = message.to.flatMap((to) =>
    channelsOf(to).map((channel) => ({ id: `${name}/${newId()}`, channel, to })),
  );
  return { kind: 'approval.notified', data: { ...message, deliveries } };
}

function nextDue(state: ApprovalState, tier: ApprovalTier): number {
  const ends = state.yeses.map(({ expiresAt }) => Date.parse(expiresAt));
  if (state.status === 'granted') return Math.min(...ends);
  const half = state.isReminded || state.told.length === 0 ? [] : [halfOf(state, tier)];
  return Math.min(Date.parse(state.expiresAt), ...ends, ...half);
}

function halfOf({ expiresAt }: ApprovalState, { windowMs }: ApprovalTier): number {
  return Date.parse(expiresAt) - windowMs / 2;
}

function hasSaidYes({ yeses }: ApprovalState, person: Handle, stakeholders: Stakeholders): boolean {
  return yeses.some(({ by }) => isSamePerson(by, person, stakeholders));
}

function applyAll(state: ApprovalState, events: readonly ApprovalEvent[], nowMs: number): ApprovalState {
  const at = new Date(nowMs).toISOString();
  return events.reduce((before, event) => applyApproval(before, event, at), state);
}
