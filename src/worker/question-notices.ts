/** What people are told about a question, put where their channels take it from: a blob of each notice, and an order for each delivery. */
import type { JsonObject } from '../base/json.ts';
import { putJsonBlob, readJsonBlob } from '../journal/blob-text.ts';
import type { InboxPost } from '../journal/unit.ts';
import { type DeliveryOrder, deliveryOrdered, outboxStream } from '../outbox/outbox-event.ts';
import type { Handle, Stakeholders } from '../policy/stakeholders.ts';
import { askNotice, conversationOf, threadOf } from '../questions/ask-notice.ts';
import type { Notice } from '../questions/channel.ts';
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
  const { context, stakeholders } = telling;
  const nowMs = context.clock.now();
  const at = new Date(nowMs).toISOString();
  const posts: InboxPost[] = [];
  let state = before;
  for (const event of events) {
    state = advanceQuestion(state, event, at);
    if (event.kind !== 'question.notified' || event.data.deliveries.length === 0) continue;
    const text = await readJsonBlob<QuestionText>(context.journal, state.text);
    const place = state.route?.channel ?? null;
    const conversation = conversationOf(state.name, { to: event.data.to, place });
    for (const { id, channel } of event.data.deliveries) {
      const notice = askNotice({ stakeholders, nowMs, state, text, channel }, event.data);
      posts.push(await order(context, { id, channel, about: state.name, conversation, notice }));
    }
  }
  return posts;
}

/** Tells those who were asked, where they were asked, in one line; once where several were. The same `what` again orders nothing new. */
export async function orderUpdates(
  { context, stakeholders }: Telling,
  state: QuestionState,
  { what, line, isSettled }: { what: string; line: string; isSettled: boolean },
): Promise<InboxPost[]> {
  const posts: InboxPost[] = [];
  for (const { to, channel, conversation } of conversationsOf(state)) {
    const id = `${state.name}/${what}/${to}/${channel}`;
    const notice: Notice = {
      about: 'update',
      question: state.name,
      to,
      thread: threadOf(state, channel, conversation),
      line,
      isSettled,
      isRehearsal: stakeholders.isRehearsal,
    };
    posts.push(await order(context, { id, channel, about: state.name, conversation, notice }));
  }
  return posts;
}

/** Each of every channel, with whoever was asked there first. */
function conversationsOf({
  name,
  asks,
}: QuestionState): { to: Handle; channel: string; conversation: string }[] {
  const all = asks.flatMap(({ to, place, deliveries }) =>
    deliveries.map(({ channel }) => ({ to, channel, conversation: conversationOf(name, { to, place }) })),
  );
  return all.filter(
    (each, at) =>
      at ===
      all.findIndex((first) => first.channel === each.channel && first.conversation === each.conversation),
  );
}

async function order(
  { journal, project }: WorkerContext,
  what: { id: string; channel: string; about: string; conversation: string; notice: Notice },
): Promise<InboxPost> {
  const { id, channel, about, conversation } = what;
  const replyTo = `mesh:${project}` as InboxPost['stream'];
  const notice = await putJsonBlob(journal, what.notice);
  const data: DeliveryOrder = { id, notice, about, conversation, replyTo };
  return {
    stream: outboxStream(project, channel),
    id,
    kind: deliveryOrdered,
    actor: replyTo,
    data: data as unknown as JsonObject,
  };
}
