/** What people are told about an approval, put where their channels take it from: a blob of each notice, and an order for each delivery. */
import type { JsonObject } from '../base/json.ts';
import { putJsonBlob, readJsonBlob } from '../journal/blob-text.ts';
import { streamId } from '../journal/event.ts';
import type { InboxPost } from '../journal/unit.ts';
import { type DeliveryOrder, deliveryOrdered, outboxStream } from '../outbox/outbox-event.ts';
import { personOf } from '../policy/route-of.ts';
import type { Handle, Stakeholders } from '../policy/stakeholders.ts';
import { type ApprovalAction, describeWholeAction } from '../questions/approval-action.ts';
import type { ApprovalEvent } from '../questions/approval-event.ts';
import { type ApprovalState, applyApproval } from '../questions/approval-state.ts';
import { tierNow, whyNobodyCan } from '../questions/approvers-of.ts';
import type { ApprovalNotice, Notice } from '../questions/channel.ts';
import { zoneOf } from '../questions/compose-consequence.ts';
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
      const notice = approvalNotice(telling, { state, action }, delivery);
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
      thread: threadOf(state, to, channel),
      line: describeEnding(state),
      isSettled: true,
      isRehearsal: stakeholders.isRehearsal,
    };
    posts.push(await order(context, state, { id: `${state.name}/ended/${to}/${channel}`, channel, notice }));
  }
  return posts;
}

function approvalNotice(
  { stakeholders }: Telling,
  { state, action }: { state: ApprovalState; action: ApprovalAction },
  { to, channel }: { to: Handle; channel: string },
): ApprovalNotice {
  const { name, tier, asker, line, actionHash, expiresAt } = state;
  const hindrance = whyNobodyCan(tierNow(tier, stakeholders), stakeholders);
  return {
    about: 'approval',
    approval: name,
    to,
    memberId: personOf(stakeholders, to).slackId,
    place: tier.channel,
    thread: threadOf(state, to, channel),
    urgency: state.urgency ?? 0,
    from: { cluster: asker.cluster, item: asker.item, title: asker.title },
    tier: tier.name,
    action: line,
    details: `${describeWholeAction(action)}${hindrance === null ? '' : `\n${hindrance}`}`,
    actionHash,
    expiresAt,
    timeZone: zoneOf(to, stakeholders),
    options: [
      { label: 'Approve', tradeOff: 'Exactly this is done, once.' },
      { label: 'Deny', tradeOff: 'It is not done; the agent is told who said so.' },
    ],
    isRehearsal: stakeholders.isRehearsal,
  };
}

function describeEnding({ name, line, status, yeses, ending }: ApprovalState): string {
  const by = yeses.map((yes) => yes.by).join(' and ');
  if (status === 'used') return `${name} was approved by ${by} and is being done: ${line}`;
  if (status === 'denied') return `${name} was denied by ${ending?.by ?? 'a person'}: ${line}`;
  return `${name} is not needed any more: ${line}`;
}

function placesOf({ deliveries }: ApprovalState): [Handle, string][] {
  const places = Object.values(deliveries).map(
    ({ to, channel }) => [`${to} ${channel}`, [to, channel]] as const,
  );
  return [...new Map<string, [Handle, string]>(places.map(([key, place]) => [key, [...place]])).values()];
}

/** The first message that this person had about it there, as far as it has arrived. */
function threadOf({ deliveries }: ApprovalState, to: Handle, channel: string): string | null {
  const sent = Object.values(deliveries).filter((each) => each.to === to && each.channel === channel);
  return sent.find(({ ref }) => ref !== null)?.ref ?? null;
}

async function order(
  { journal, project }: WorkerContext,
  { name }: ApprovalState,
  { id, channel, notice }: { id: string; channel: string; notice: Notice },
): Promise<InboxPost> {
  const replyTo = streamId('mesh', project);
  const data: DeliveryOrder = { id, notice: await putJsonBlob(journal, notice), about: name, replyTo };
  return {
    stream: outboxStream(project, channel),
    id,
    kind: deliveryOrdered,
    actor: replyTo,
    data: { ...data } as unknown as JsonObject,
  };
}
