/** Readable lines for what happens to a question or an approval, and to what is sent about them. What is asked at length is in blobs, which ask-lines.ts reads. */
import type { StoredEvent } from '../journal/event.ts';
import { numberOf } from '../journal/numbered-streams.ts';
import type { OutboxEvent } from '../outbox/outbox-event.ts';
import type { ApprovalEvent } from '../questions/approval-event.ts';
import { describeAnswer } from '../questions/judge-answer.ts';
import type { Asker } from '../questions/question.ts';
import type { QuestionEvent } from '../questions/question-event.ts';
import type { Line } from './event-line.ts';

/** `question:orders/7` → `Q-7`, `approval:orders/2` → `A-2`. */
export function askName(stream: string): string {
  return `${stream.startsWith('question:') ? 'Q' : 'A'}-${numberOf(stream)}`;
}

/** Who asks, by an event that says so; null: another event, or the product itself asks. */
export function askerOf({ kind, data }: StoredEvent): Asker | null {
  const isAsking = kind === 'question.asked' || kind === 'question.joined' || kind === 'approval.requested';
  return isAsking ? ((data.asker ?? null) as Asker | null) : null;
}

/** Deliveries are routine; only what did not get through is said. */
export function describeOutboxEvent(event: OutboxEvent, stream: string): Line | null {
  const channel = stream.slice(stream.lastIndexOf('/') + 1);
  switch (event.kind) {
    case 'delivery.failed':
      return {
        mark: 'bad',
        text: `${channel}: ${event.data.message}; again at ${clockTime(event.data.retryAt)}`,
      };
    case 'delivery.dead':
      return { mark: 'bad', text: `${channel}: given up: ${event.data.message}` };
    default:
      return null;
  }
}

/** `name`: `Q-7`. */
export function describeQuestionEvent(event: QuestionEvent, name: string, isVerbose: boolean): Line | null {
  switch (event.kind) {
    case 'question.asked': {
      const { route, title, key } = event.data;
      const whom = route === null ? `nobody yet (${key.kind} has no route)` : route.primary;
      return { mark: 'ask', text: `${name} to ${whom}: ${title}` };
    }
    case 'question.joined':
      return { mark: 'ask', text: `${event.data.asker.role} has the same question: ${name}, asked once` };
    case 'question.left':
      return note(`${name}: nobody there needs the answer any more: ${event.data.why}`);
    case 'question.routed': {
      const { by, fromKind, toKind, route } = event.data;
      const what = fromKind === toKind ? `${toKind} has a route now` : `${fromKind} is really ${toKind}`;
      const whom = route === null ? 'which has no route: it waits for one' : `asks ${route.primary}`;
      return note(`${name}: ${what}${by === null ? '' : `, says ${by}`}; ${whom}`);
    }
    case 'question.notified':
      return describeNotified(event.data, name, isVerbose);
    case 'question.delivered':
      return isVerbose ? note(`${name} is in ${event.data.channel}`) : null;
    case 'question.undeliverable':
      return { mark: 'bad', text: `${name} did not get into ${event.data.channel}: ${event.data.why}` };
    case 'question.acknowledged':
      return note(`${name} seen by ${event.data.by}; answer due ${clockTime(event.data.dueAt)}`);
    case 'question.escalated': {
      const { from, to, why } = event.data;
      return { mark: 'wait', text: `${name} goes from ${from} to ${to}: ${why}` };
    }
    case 'question.mesh_paused':
      return { mark: 'wait', text: `${name} pauses the mesh: ${event.data.why}` };
    default:
      return describeSettling(event, name);
  }
}

function describeNotified(
  data: Extract<QuestionEvent, { kind: 'question.notified' }>['data'],
  name: string,
  isVerbose: boolean,
): Line | null {
  const { to, urgency, why, deliveries, dueAt } = data;
  // `question.asked` has just said so.
  if (why === 'asked' && !isVerbose) return null;
  const where = deliveries.length === 0 ? '' : ` in ${deliveries.map(({ channel }) => channel).join(', ')}`;
  const how = why === 'asked' ? 'asks' : notifiedWhy[why];
  const again = urgency > 0 ? `, urgency ${urgency}` : '';
  return { mark: 'wait', text: `${name} ${how} ${to}${where}${again}; next ${clockTime(dueAt)}` };
}

const notifiedWhy = {
  reminder: 'reminds',
  escalated: 'is taken to',
  deputy: 'goes to the deputy',
  unreachable: 'could not be delivered and asks',
  off_hours: 'is outside working hours and asks',
  busy: 'finds the one before busy and asks',
} as const;

function describeSettling(event: QuestionEvent, name: string): Line | null {
  switch (event.kind) {
    case 'question.answered':
      return {
        mark: 'good',
        text: `${name} answered by ${event.data.by}: ${describeAnswer(event.data.answer)}`,
      };
    case 'question.answer_refused': {
      const { by, said, why } = event.data;
      return { mark: 'bad', text: `${name}: “${said}” of ${by} does not count: ${refusalReasons[why]}` };
    }
    case 'question.defaulted':
      return {
        mark: 'wait',
        text: `${name} DEFAULT: option ${event.data.option} holds, flagged for review (${event.data.why}); \`meshwright answer ${name} …\` overturns it`,
      };
    case 'question.withdrawn':
      return note(`${name} withdrawn: ${event.data.why}`);
    case 'question.remembered':
      return { mark: 'good', text: `${name} is answered by ${event.data.decision}: ${event.data.text}` };
    case 'question.overturned':
      return {
        mark: 'wait',
        text: `${name} overturned by ${event.data.by}: ${describeAnswer(event.data.answer)}`,
      };
    case 'question.confirmed':
      return { mark: 'good', text: `${name}: ${event.data.by} confirms the default` };
    case 'question.recorded':
      return event.data.decision === null ? null : note(`${name} is decision ${event.data.decision}`);
    default:
      return null;
  }
}

/** Why something that a person said has no effect. */
export const refusalReasons: Readonly<
  Record<Extract<QuestionEvent, { kind: 'question.answer_refused' }>['data']['why'], string>
> = {
  not_theirs: 'somebody else is asked',
  late: 'it came too late',
  again: 'it was answered already',
  contradictory: 'it was answered otherwise already',
  no_such_option: 'there is no such option',
  over: 'the question is over',
};

/** `name`: `A-2`. */
export function describeApprovalEvent(event: ApprovalEvent, name: string, isVerbose: boolean): Line | null {
  switch (event.kind) {
    case 'approval.requested': {
      const { tier, line } = event.data;
      return { mark: 'ask', text: `${name} to ${tier.approvers.join(', ')}: may it ${line}?` };
    }
    case 'approval.notified': {
      const { to, why } = event.data;
      // `approval.requested` has just said so.
      if (why === 'asked' && !isVerbose) return null;
      const how = { asked: 'asks', reminder: 'reminds', deputy: 'asks the deputy' }[why];
      return { mark: 'wait', text: `${name} ${how} ${to.join(', ')}` };
    }
    case 'approval.delivered':
      return isVerbose ? note(`${name} is in ${event.data.channel}`) : null;
    case 'approval.undeliverable':
      return { mark: 'bad', text: `${name} did not get into ${event.data.channel}: ${event.data.why}` };
    case 'approval.approved':
      return {
        mark: 'good',
        text: `${name} approved by ${event.data.by}, good until ${clockTime(event.data.expiresAt)}`,
      };
    case 'approval.denied':
      return {
        mark: 'bad',
        text: `${name} denied by ${event.data.by}: ${event.data.why || 'no reason given'}`,
      };
    case 'approval.answer_refused':
      return {
        mark: 'bad',
        text: `${name}: what ${event.data.by} said does not count (${event.data.why.replaceAll('_', ' ')})`,
      };
    case 'approval.use_refused':
      return { mark: 'bad', text: `${name}: was not let be used (${event.data.why.replaceAll('_', ' ')})` };
    case 'approval.lapsed': {
      const { by, expiresAt } = event.data;
      const what = by.length === 0 ? 'nobody has answered' : `the yes of ${by.join(', ')} ran out`;
      return { mark: 'wait', text: `${name}: ${what}; asked anew until ${clockTime(expiresAt)}` };
    }
    case 'approval.used':
      return note(`${name} used: the action is begun, once`);
    case 'approval.withdrawn':
      return note(`${name} withdrawn: ${event.data.why}`);
    case 'approval.filed':
      return null;
  }
}

function note(text: string): Line {
  return { mark: 'note', text };
}

/** `14:03:20 UTC`. */
export function clockTime(iso: string): string {
  return `${iso.slice(11, 19)} UTC`;
}
