/**
 * What one person's answer to an approval, or one attempt to act on it, comes to. Pure: everything that is refused is an
 * event too, so that no attempt is lost.
 */
import type { StreamId } from '../journal/event.ts';
import type { Handle, Stakeholders } from '../policy/stakeholders.ts';
import type { AnswerRefusal, ApprovalEvent, UseRefusal } from './approval-event.ts';
import { type ApprovalState, isSettled, type Yes } from './approval-state.ts';
import { approversOf, isSamePerson, mayApprove, tierNow, whyNobodyCan } from './approvers-of.ts';
import { clockTime, zoneOf } from './compose-consequence.ts';

export interface ApprovalAnswer {
  by: Handle;
  /** `cli`, or the channel that it came through. */
  via: string;
  verdict: 'approve' | 'deny';
  /** Of the action that the person was shown. */
  actionHash: string;
  /** Of a no. */
  why: string;
  nowMs: number;
  stakeholders: Stakeholders;
}

export interface AnswerVerdict {
  events: ApprovalEvent[];
  /** Null: it counts. */
  refused: AnswerRefusal | null;
  /** One line for whoever answered. */
  line: string;
}

export function judgeApproval(state: ApprovalState, answer: ApprovalAnswer): AnswerVerdict {
  const why = findRefusal(state, answer);
  const { by, via, verdict, actionHash, nowMs, stakeholders } = answer;
  if (why !== null) {
    const refused: ApprovalEvent = {
      kind: 'approval.answer_refused',
      data: { by, via, verdict, actionHash, why },
    };
    return { events: [refused], refused: why, line: describeRefusal(state, answer, why) };
  }
  if (verdict === 'deny') {
    const line = `${state.name} is denied: ${state.line} will not be done`;
    return { events: [{ kind: 'approval.denied', data: { by, via, why: answer.why } }], refused: null, line };
  }
  const tier = tierNow(state.tier, stakeholders);
  const count = validYeses(state, nowMs, stakeholders).length + 1;
  const isEnough = count >= tier.peopleCount;
  const expiresAt = new Date(nowMs + tier.windowMs).toISOString();
  const approved: ApprovalEvent = {
    kind: 'approval.approved',
    data: { by, via, actionHash, expiresAt, isEnough },
  };
  const line = isEnough
    ? `${state.name} is approved, to be used once until ${timeFor(answer, expiresAt)}: ${state.line}`
    : `${state.name} has ${count} of ${tier.peopleCount} yeses; another person must say yes too`;
  return { events: [approved], refused: null, line };
}

/** Those that are not out of date, by people who may still give them, each person once. */
export function validYeses(state: ApprovalState, nowMs: number, stakeholders: Stakeholders): Yes[] {
  const tier = tierNow(state.tier, stakeholders);
  const valid: Yes[] = [];
  for (const yes of state.yeses) {
    const isOld = nowMs >= Date.parse(yes.expiresAt);
    const isDouble = valid.some(({ by }) => isSamePerson(by, yes.by, stakeholders));
    if (!isOld && !isDouble && mayApprove(yes, tier, stakeholders)) valid.push(yes);
  }
  return valid;
}

/** Null: it may be used, now and once. */
export function judgeUse(
  state: ApprovalState,
  use: { agent: StreamId; call: string; actionHash: string; nowMs: number; stakeholders: Stakeholders },
): UseRefusal | null {
  const { asker } = state;
  if (state.status === 'used') return 'used';
  if (isSettled(state)) return 'over';
  if (use.actionHash !== state.actionHash) return 'other_action';
  if (use.agent !== asker.agent || use.call !== asker.call) return 'other_call';
  const { peopleCount } = tierNow(state.tier, use.stakeholders);
  const count = validYeses(state, use.nowMs, use.stakeholders).length;
  return state.status === 'granted' && count >= peopleCount ? null : 'not_approved';
}

function findRefusal(state: ApprovalState, answer: ApprovalAnswer): AnswerRefusal | null {
  const { verdict, actionHash, nowMs, stakeholders } = answer;
  if (state.status === 'used') return 'used';
  if (isSettled(state)) return 'over';
  if (!mayApprove(answer, tierNow(state.tier, stakeholders), stakeholders)) return 'not_theirs';
  if (actionHash !== state.actionHash) return 'other_action';
  // A no holds whenever it comes: it can only keep something from being done.
  if (verdict === 'deny') return null;
  if (nowMs >= Date.parse(state.expiresAt)) return 'expired';
  const yeses = validYeses(state, nowMs, stakeholders);
  if (yeses.some(({ by }) => isSamePerson(by, answer.by, stakeholders))) return 'same_person';
  return state.status === 'granted' ? 'over' : null;
}

/** `Wed 10:00 (Europe/Berlin)` */
function timeFor({ by, stakeholders, nowMs }: ApprovalAnswer, at: string): string {
  return `${clockTime(at, { to: by, stakeholders, nowMs })} (${zoneOf(by, stakeholders)})`;
}

function describeRefusal(state: ApprovalState, answer: ApprovalAnswer, why: AnswerRefusal): string {
  const { name, ending } = state;
  const tier = tierNow(state.tier, answer.stakeholders);
  switch (why) {
    case 'not_theirs': {
      const hindrance = whyNobodyCan(tier, answer.stakeholders);
      if (hindrance !== null) return `${name}: ${hindrance}`;
      const asked = approversOf(tier, answer.stakeholders).join(', ') || 'whoever may run commands here';
      return `${name} is not ${answer.by}'s to answer: it asks ${asked}`;
    }
    case 'other_action':
      return `${name} asks for another action than the one that was answered; look at it again`;
    case 'used':
      return `${name} was used already; a yes holds for one use`;
    case 'expired':
      return `${name} could be answered until ${timeFor(answer, state.expiresAt)}; it is asked anew`;
    case 'same_person':
      return `${answer.by} said yes to ${name} already; it needs ${tier.peopleCount} different people`;
    case 'over':
      return state.status === 'granted'
        ? `${name} has all the yeses that it needs`
        : `${name} is ${state.status}${ending?.by ? ` by ${ending.by}` : ''}: nothing is left to answer`;
  }
}
