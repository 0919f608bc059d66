/** One ask of a question as the notice that a channel shows, and which messages about it belong together. Pure. */
import { personOf } from '../policy/route-of.ts';
import type { Handle, Stakeholders } from '../policy/stakeholders.ts';
import type { AskNotice } from './channel.ts';
import { composeConsequence, describeSla, zoneOf } from './compose-consequence.ts';
import type { QuestionText } from './question.ts';
import type { QuestionEvent } from './question-event.ts';
import type { QuestionState } from './question-state.ts';

export interface AskFacts {
  stakeholders: Stakeholders;
  nowMs: number;
  state: QuestionState;
  text: QuestionText;
  /** Name of the channel that it is for. */
  channel: string;
}

/** `state`: as it is after the event of which `data` is. */
export function askNotice(
  facts: AskFacts,
  { to, urgency, why, dueAt }: Extract<QuestionEvent, { kind: 'question.notified' }>['data'],
): AskNotice {
  const { state, text, channel, stakeholders, nowMs } = facts;
  const { route, askers } = state;
  const place = route?.channel ?? null;
  const [asker] = askers;
  return {
    about: 'ask',
    question: state.name,
    kind: state.kind,
    to,
    memberId: personOf(stakeholders, to).slackId,
    place,
    thread: threadOf(state, channel, conversationOf(state.name, { to, place })),
    urgency,
    why,
    mode: state.mode,
    bindsMesh: route?.writesToSharedMemory ?? false,
    from: {
      cluster: asker?.cluster ?? state.cluster ?? 'main',
      item: asker?.item ?? null,
      title: asker?.title ?? state.title,
    },
    text,
    askedAt: state.askedAt,
    dueAt,
    timeZone: zoneOf(to, stakeholders),
    consequence: composeConsequence(state, { to, stakeholders, nowMs }),
    slaText: describeSla(state),
    needsAcknowledgment: (route?.requiresAcknowledgment ?? false) && state.status !== 'acknowledged',
    isRehearsal: stakeholders.isRehearsal,
  };
}

/** The first message of the conversation there, as far as it has arrived. */
export function threadOf(
  { name, asks }: QuestionState,
  channel: string,
  conversation: string,
): string | null {
  const sent = asks
    .filter((ask) => conversationOf(name, ask) === conversation)
    .flatMap(({ deliveries }) => deliveries)
    .filter((each) => each.channel === channel);
  return sent.find(({ ref }) => ref !== null)?.ref ?? null;
}

/** What is said in one place, to whomever, or to one person by themselves, belongs together: it stands in one thread. */
export function conversationOf(name: string, { to, place }: { to: Handle; place: string | null }): string {
  return `${name} ${place ?? to}`;
}
