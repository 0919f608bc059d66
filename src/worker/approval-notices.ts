/** What people are told about an approval, put where their channels take it from: a blob of each notice, and an order for each delivery. */
import type { JsonObject } from '../base/json.ts';
import { putJsonBlob, readJsonBlob } from '../journal/blob-text.ts';
import { streamId } from '../journal/event.ts';
import type { InboxPost } from '../journal/unit.ts';
import { type DeliveryOrder, deliveryOrdered, outboxStream } from '../outbox/outbox-event.ts';
import type { Handle, Stakeholders } from '../policy/stakeholders.ts';
import type { ApprovalAction } from '../questions/approval-action.ts';
import type { ApprovalEvent } from '../questions/approval-event.ts';
import { approvalNotice, approvalThread, describeEnding } from '../questions/approval-notice.ts';
import { type ApprovalState, applyApproval } from '../questions/approval-state.ts';
import type { Notice } from '../questions/channel.ts';
import type { WorkerContext } from './worker-context.ts';

interface Telling {
  context: WorkerContext;
  stakeholders: Stakeholders;
}

/** Orders of every message among the events, to be posted in the unit that appends them. */
export async function orderApprovalNotices(
  telling: Telling,
  before: ApprovalState,
  events: readonly ApprovalEvent[],
): Promise<InboxPost[]> {
  const { journal } = telling.context;
  const posts: InboxPost[] = [];
  let state = before;
  for (const event of events) {
    state = applyApproval(state, event, state.askedAt);
    if (event.kind !== 'approval.notified' || event.data.deliveries.length === 0) continue;
    const action = await readJsonBlob<ApprovalAction>(journal, state.action);
    for (const delivery of event.data.deliveries) {
      const notice = approvalNotice({ stakeholders: telling.stakeholders, state, action }, delivery);
      posts.push(await order(telling.context, state, { ...delivery, notice }));
    }
  }
  return posts;
}

/** Tells everybody who was asked, where they were asked, how it ended. */
export async function orderApprovalEnding(
  { context, stakeholders }: Telling,
  state: ApprovalState,
): Promise<InboxPost[]> {
  const posts: InboxPost[] = [];
  for (const [to, channel] of placesOf(state)) {
    const notice: Notice = {
      about: 'update',
      question: state.name,
      to,
      thread: approvalThread(state, to, channel),
      line: describeEnding(state),
      isSettled: true,
      isRehearsal: stakeholders.isRehearsal,
    };
    const id = `${state.name}/ended/${to}/${channel}`;
    posts.push(await order(context, state, { id, channel, to, notice }));
  }
  return posts;
}

function placesOf({ deliveries }: ApprovalState): [Handle, string][] {
  const places = Object.values(deliveries).map(
    ({ to, channel }) => [`${to} ${channel}`, [to, channel]] as const,
  );
  return [...new Map<string, [Handle, string]>(places.map(([key, place]) => [key, [...place]])).values()];
}

async function order(
  { journal, project }: WorkerContext,
  { name }: ApprovalState,
  { id, channel, to, notice: said }: { id: string; channel: string; to: Handle; notice: Notice },
): Promise<InboxPost> {
  const replyTo = streamId('mesh', project);
  const notice = await putJsonBlob(journal, said);
  // Everybody has a message of their own, with their own buttons.
  const data: DeliveryOrder = { id, notice, about: name, conversation: `${name} ${to}`, replyTo };
  return {
    stream: outboxStream(project, channel),
    id,
    kind: deliveryOrdered,
    actor: replyTo,
    data: { ...data } as unknown as JsonObject,
  };
}
