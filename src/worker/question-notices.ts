/** What people are told about a question, put where their channels take it from: a blob of each notice, and an order for each delivery. */
import type { JsonObject } from '../base/json.ts';
import { putJsonBlob, readJsonBlob } from '../journal/blob-text.ts';
import type { InboxPost } from '../journal/unit.ts';
import { type DeliveryOrder, deliveryOrdered, outboxStream } from '../outbox/outbox-event.ts';
import { personOf } from '../policy/route-of.ts';
import type { Handle, Stakeholders } from '../policy/stakeholders.ts';
import type { AskNotice, Notice } from '../questions/channel.ts';
import { composeConsequence, describeSla, zoneOf } from '../questions/compose-consequence.ts';
import { advanceQuestion } from '../questions/fold-question.ts';
import type { QuestionText } from '../questions/question.ts';
import type { QuestionEvent } from '../questions/question-event.ts';
import type { QuestionState } from '../questions/question-state.ts';
import type { WorkerContext } from './worker-context.ts';

interface Telling {
  context: WorkerContext;
  stakeholders: Stakeholders;
}

/** Orders of every ask among the events, to be posted in the unit that appends them. */
export async function orderAsks(
  telling: Telling,
  before: QuestionState,
  events: readonly QuestionEvent[],
): Promise<InboxPost[]> {
  const { context } = telling;
  const at = new Date(context.clock.now()).toISOString();
  const posts: InboxPost[] = [];
  let state = before;
  for (const event of events) {
    state = advanceQuestion(state, event, at);
    if (event.kind !== 'question.notified' || event.data.deliveries.length === 0) continue;
    const text = await readJsonBlob<QuestionText>(context.journal, state.text);
    for (const { id, channel } of event.data.deliveries) {
      const notice = askNotice({ telling, state, text, channel }, event.data);
      posts.push(await order(context, { id, channel, about: state.name, notice }));
    }
  }
  return posts;
}

/** Tells everybody who was asked, where they were asked, in one line. The same `what` again orders nothing new. */
export async function orderUpdates(
  { context, stakeholders }: Telling,
  state: QuestionState,
  { what, line, isSettled }: { what: string; line: string; isSettled: boolean },
): Promise<InboxPost[]> {
  const posts: InboxPost[] = [];
  for (const [to, channel] of placesOf(state)) {
    const id = `${state.name}/${what}/${to}/${channel}`;
    const notice: Notice = {
      about: 'update',
      question: state.name,
      to,
      thread: threadOf(state, channel),
      line,
      isSettled,
      isRehearsal: stakeholders.isRehearsal,
    };
    posts.push(await order(context, { id, channel, about: state.name, notice }));
  }
  return posts;
}

/** Whoever was asked anywhere, once each. */
function placesOf({ asks }: QuestionState): [Handle, string][] {
  const places = new Map<string, [Handle, string]>();
  for (const { to, deliveries } of asks)
    for (const { channel } of deliveries) places.set(`${to} ${channel}`, [to, channel]);
  return [...places.values()];
}

async function order(
  { journal, project }: WorkerContext,
  { id, channel, about, notice }: { id: string; channel: string; about: string; notice: Notice },
): Promise<InboxPost> {
  const replyTo = `mesh:${project}` as InboxPost['stream'];
  const data: DeliveryOrder = { id, notice: await putJsonBlob(journal, notice), about, replyTo };
  return {
    stream: outboxStream(project, channel),
    id,
    kind: deliveryOrdered,
    actor: replyTo,
    data: data as unknown as JsonObject,
  };
}

function askNotice(
  facts: { telling: Telling; state: QuestionState; text: QuestionText; channel: string },
  { to, urgency, why, dueAt }: Extract<QuestionEvent, { kind: 'question.notified' }>['data'],
): AskNotice {
  const { state, text, channel } = facts;
  const { context, stakeholders } = facts.telling;
  const { route, askers } = state;
  const [asker] = askers;
  return {
    about: 'ask',
    question: state.name,
    kind: state.kind,
    to,
    memberId: personOf(stakeholders, to).slackId,
    place: route?.channel ?? null,
    thread: threadOf(state, channel),
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
    consequence: composeConsequence(state, { to, stakeholders, nowMs: context.clock.now() }),
    slaText: describeSla(state),
    needsAcknowledgment: (route?.requiresAcknowledgment ?? false) && state.status !== 'acknowledged',
    isRehearsal: stakeholders.isRehearsal,
  };
}

/** The first message about it there, as far as it has arrived. */
function threadOf({ asks }: QuestionState, channel: string): string | null {
  const sent = asks.flatMap(({ deliveries }) => deliveries).filter((each) => each.channel === channel);
  return sent.find(({ ref }) => ref !== null)?.ref ?? null;
}
