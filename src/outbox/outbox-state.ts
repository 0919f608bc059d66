/**
 * What one channel has still to send, as a pure fold of its outbox, and which attempts are due. Knows nothing of what is said
 * or of the channel.
 *
 *   queued    waits for its turn: earlier deliveries of the same conversation go first, other ones are not waited for
 *   attempted an attempt has begun; without a result after a crash it may have got through
 *   (gone)    sent, or dead: it is not tried any more
 */
import type { StoredEvent, StreamId } from '../journal/event.ts';
import type { StreamReducer } from '../journal/fold-stream.ts';
import { upcast } from '../journal/upcast.ts';
import { type OutboxEvent, outboxKinds } from './outbox-event.ts';

export interface QueuedDelivery {
  id: string;
  /** Blob of a Notice. */
  notice: string;
  /** `Q-7`, `A-2`. */
  about: string;
  /** What is of the same stays in order. */
  conversation: string;
  replyTo: StreamId;
  /** ISO time, the database's. */
  queuedAt: string;
  /** Begun so far. */
  attempts: number;
  /** ISO; null: at once. */
  retryAt: string | null;
  /** ISO: when the last attempt failed; null: none did, or one has begun since. */
  failedAt: string | null;
}

export interface OutboxState {
  /** In order of arrival. */
  queued: readonly QueuedDelivery[];
  /** First message of each conversation, the latest last: what was ordered before it was known follows it all the same. */
  threads: readonly { conversation: string; ref: string }[];
  /** The other side asked for no call before this ISO time; null: it did not. */
  heldUntil: string | null;
  deadCount: number;
}

const emptyOutbox: OutboxState = { queued: [], threads: [], heldUntil: null, deadCount: 0 };

/** Whoever orders later knows the thread by itself. */
const mostThreads = 500;

/** Between two attempts of one delivery while others get through. */
const shortestWaitMs = 60_000;

/** Raised by hand with every change of the fold. */
const revision = 2;

export const outboxReducer: StreamReducer<OutboxState> = {
  streamKind: 'outbox',
  reducerHash: `outbox/${revision}`,
  initial: emptyOutbox,
  reduce: applyOutboxEvent,
};

/** @throws MeshwrightError `event_unknown`. */
function applyOutboxEvent(state: OutboxState, stored: StoredEvent): OutboxState {
  const { kind, data } = upcast(outboxKinds, stored) as unknown as OutboxEvent;
  switch (kind) {
    case 'delivery.queued': {
      const added = { ...data, queuedAt: stored.at, attempts: 0, retryAt: null, failedAt: null };
      return { ...state, queued: [...state.queued, added] };
    }
    case 'delivery.attempted':
      return withDelivery(state, data.id, {
        attempts: data.attempt,
        retryAt: null,
        failedAt: null,
      });
    case 'delivery.failed':
      return {
        ...withDelivery(state, data.id, { retryAt: data.retryAt, failedAt: stored.at }),
        heldUntil: data.heldUntil ?? state.heldUntil,
      };
    case 'delivery.sent':
      return hasten(without(state, data.id, data.ref));
    case 'delivery.dead':
      return { ...without(state, data.id, null), deadCount: state.deadCount + 1 };
    case 'outbox.notified':
      return state;
  }
}

/** What one of them got through, the others need not wait out: the channel is back. But one that fails by itself is not tried with each. */
function hasten(state: OutboxState): OutboxState {
  return { ...state, queued: state.queued.map(hastenDelivery) };
}

function hastenDelivery(delivery: QueuedDelivery): QueuedDelivery {
  const { retryAt, failedAt } = delivery;
  if (retryAt === null || failedAt === null) return delivery;
  const soonest = new Date(Date.parse(failedAt) + shortestWaitMs).toISOString();
  return soonest < retryAt ? { ...delivery, retryAt: soonest } : delivery;
}

function withDelivery(state: OutboxState, id: string, change: Partial<QueuedDelivery>): OutboxState {
  return { ...state, queued: state.queued.map((each) => (each.id === id ? { ...each, ...change } : each)) };
}

function without(state: OutboxState, id: string, ref: string | null): OutboxState {
  const gone = state.queued.find((each) => each.id === id);
  if (!gone) return state;
  const queued = state.queued.filter((each) => each !== gone);
  const { conversation } = gone;
  const isNew = ref !== null && threadOf(state, conversation) === null;
  const threads = isNew ? [...state.threads, { conversation, ref }].slice(-mostThreads) : state.threads;
  return { ...state, queued, threads };
}

/** Null: nothing of it was sent, or so much else since that it is forgotten. */
export function threadOf({ threads }: OutboxState, conversation: string): string | null {
  return threads.find((each) => each.conversation === conversation)?.ref ?? null;
}

/** Which may be attempted now, oldest first: of every conversation the first alone, and none while the other side wants none. */
export function nextAttempts(state: OutboxState, nowMs: number): QueuedDelivery[] {
  return headsOf(state).filter((head) => dueMs(state, head) <= nowMs);
}

/** When the next attempt is due; null: nothing waits. */
export function nextAttemptAtMs(state: OutboxState): number | null {
  const heads = headsOf(state);
  return heads.length === 0 ? null : Math.min(...heads.map((head) => dueMs(state, head)));
}

function headsOf({ queued }: OutboxState): QueuedDelivery[] {
  const seen = new Set<string>();
  return queued.filter(({ conversation }) => !seen.has(conversation) && seen.add(conversation));
}

function dueMs({ heldUntil }: OutboxState, { retryAt }: QueuedDelivery): number {
  return Math.max(...[heldUntil, retryAt].map((at) => (at === null ? 0 : Date.parse(at))));
}
