/** What an item does with one inbox message: a person's request, or the target's word on a landing. */
import type { JsonObject } from '../base/json.ts';
import { findMisplacement } from '../items/find-misplacement.ts';
import type { ItemEvent } from '../items/item-event.ts';
import { itemBranch } from '../items/item-refs.ts';
import type { ItemState } from '../items/item-state.ts';
import { type ItemRequest, judgeRequest } from '../items/judge-request.ts';
import { streamId } from '../journal/event.ts';
import type { InboxMessage } from '../journal/unit.ts';
import { itemAccount } from '../ledger/account-names.ts';
import { mayRaise } from '../ledger/judge-ceiling.ts';
import { askRerouted, askSettled, type ReroutedAsk, type Settlement } from '../questions/question.ts';
import { addRework } from './add-rework.ts';
import { handedOutCommit, moveToHandedBack } from './hand-over.ts';
import { eventOfReroute, eventsOfSettlement, overturnedOf } from './item-asks.ts';
import { decisionOverturned, type OverturnedNotice } from './record-outcome.ts';
import { branchRef } from './start-item.ts';
import type { UnitExtras } from './stream-writer.ts';
import type { WorkerContext } from './worker-context.ts';

export interface MessageAnswer {
  /** At least one, so that the message leaves the inbox with a trace. */
  events: ItemEvent[];
  extras: UnitExtras;
}

export async function answerMessage(
  context: WorkerContext,
  state: ItemState,
  message: InboxMessage,
): Promise<MessageAnswer> {
  switch (message.kind) {
    case 'item.request':
      return answerRequest(context, state, message);
    case askRerouted: {
      const rerouted = message.data as unknown as ReroutedAsk;
      const event = eventOfReroute(state, rerouted);
      return { events: [event ?? ignored(message, `no step waits for ${rerouted.ask}`)], extras: {} };
    }
    case askSettled:
      return answerSettlement(context, state, message);
    case decisionOverturned:
      return { events: [await overturnedEvent(context, state, message)], extras: {} };
    case 'landing.landed':
    case 'landing.refused':
      return { events: [await landingEvent(context, state, message)], extras: {} };
    default:
      return { events: [ignored(message, 'no such kind of message')], extras: {} };
  }
}

async function answerSettlement(
  context: WorkerContext,
  state: ItemState,
  message: InboxMessage,
): Promise<MessageAnswer> {
  const settlement = message.data as unknown as Settlement;
  const events = await eventsOfSettlement(context, state, settlement);
  return { events: events ?? [ignored(message, `no step waits for ${settlement.ask}`)], extras: {} };
}

/** What an inbox message asks of the item; null: it is not a person's request. */
export function requestOf(message: InboxMessage): ItemRequest | null {
  return message.kind === 'item.request' ? (message.data as unknown as ItemRequest) : null;
}

async function answerRequest(
  context: WorkerContext,
  state: ItemState,
  message: InboxMessage,
): Promise<MessageAnswer> {
  const request = message.data as unknown as ItemRequest;
  const { raiseBy } = context.policy.ceilings;
  if (request.kind === 'resume' && request.ceilingMicroUsd !== null && !mayRaise(raiseBy, request.by)) {
    return { events: [ignored(message, `${request.by} may not raise a ceiling`)], extras: {} };
  }
  const judged = judgeRequest(state, request);
  if (!judged.ok) return { events: [ignored(message, judged.message)], extras: {} };
  const extras: UnitExtras = {};
  for (const event of judged.events) {
    if (event.kind === 'item.taken_over') {
      event.data.commit = await handedOutCommit(context, event.data.branch, event.data.commit);
    }
    if (event.kind === 'item.handed_back' && event.data.commit !== null) {
      const problem = await moveToHandedBack(context, state, event.data.commit);
      if (problem !== null) return { events: [ignored(message, problem)], extras: {} };
    }
    if (event.kind === 'item.accepted') extras.posts = [landingPost(context, state, message.id, event.data)];
    if (event.kind === 'item.resumed' && event.data.ceilingMicroUsd !== null) {
      extras.ledger = [
        {
          op: 'open',
          account: event.data.account ?? itemAccount(context.project, state.number),
          ceilingMicroUsd: event.data.ceilingMicroUsd,
        },
      ];
    }
  }
  return { events: judged.events, extras };
}

export interface LandingOrder {
  item: number;
  title: string;
  commit: string;
  /** The item's stream, where the answer goes. */
  replyTo: string;
  acceptedBy: string;
}

/** Posted in the same transaction as the accept, so that neither is without the other. */
function landingPost(
  context: WorkerContext,
  state: ItemState,
  requestId: string,
  accepted: { commit: string; by: string },
) {
  const order: LandingOrder = {
    item: state.number,
    title: state.title,
    commit: accepted.commit,
    replyTo: streamId('item', context.project, state.number),
    acceptedBy: accepted.by,
  };
  return {
    stream: streamId('target', context.project, context.policy.targetBranch),
    id: `land/${state.number}/${requestId}`,
    kind: 'landing.requested',
    actor: streamId('item', context.project, state.number),
    data: order as unknown as JsonObject,
  };
}

/** What has landed is put right by another item, what lands by one that comes when it has. */
async function overturnedEvent(
  context: WorkerContext,
  state: ItemState,
  message: InboxMessage,
): Promise<ItemEvent> {
  const ruling = overturnedOf(message.data as unknown as OverturnedNotice);
  if (state.status === 'landed') {
    await addRework(context, state, ruling);
    return ignored(message, 'it has landed; a new item puts it right');
  }
  const event: ItemEvent = { kind: 'item.overturned', data: ruling };
  const problem = findMisplacement(state, event);
  return problem === null ? event : ignored(message, problem);
}

async function landingEvent(
  context: WorkerContext,
  state: ItemState,
  message: InboxMessage,
): Promise<ItemEvent> {
  if (state.status !== 'landing') return ignored(message, `the item is ${state.status}, not landing`);
  const data = message.data as unknown as
    | { commit: string; target: string }
    | Extract<ItemEvent, { kind: 'item.landing_refused' }>['data'];
  if ('commit' in data) {
    for (const ruling of state.overturned) await addRework(context, state, ruling);
    return { kind: 'item.landed', data: { commit: data.commit, target: data.target } };
  }
  const { reason, findings, onto } = data;
  if (onto) {
    // Moved before it is recorded: after a crash between the two, the message is still there and this changes nothing.
    const ref = branchRef(itemBranch(state.number));
    await context.mirror.moveRef(ref, await context.mirror.resolve(ref), onto.head);
  }
  return { kind: 'item.landing_refused', data: { reason, findings, onto } };
}

function ignored(message: InboxMessage, reason: string): ItemEvent {
  return { kind: 'item.message_ignored', data: { message: message.kind, reason } };
}
