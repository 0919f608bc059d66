/**
 * What one channel has still to send, as a pure fold of its outbox, and which attempts are due. Knows nothing of what is said
 * or of the channel.
 *
 *   queued    waits for its turn: earlier deliveries about the same go first, other ones are not waited for
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
  /** `Q-7`, `A-2`: what is about the same stays in order. */
  about: string;
  replyTo: StreamId;
  /** ISO time, the database's. */
  queuedAt: string;
  /** Begun so far. */
  attempts: number;
  /** ISO; null: at once. */
  retryAt: string | null;
}

export interface OutboxState {
  /** In order of arrival. */
  queued: readonly QueuedDelivery[];
  /** First message that was sent about something that has more to be said: what was ordered before it was known follows it. */
  threads: Readonly<Record<string, string>>;
  deadCount: number;
}

const emptyOutbox: OutboxState = { queued: [], threads: {}, deadCount: 0 };

/** Raised by hand with every change of the fold. */
const revision = 1;

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
      const { id, notice, about, replyTo } = data;
      const added = { id, notice, about, replyTo, queuedAt: stored.at, attempts: 0, retryAt: null };
      return { ...state, queued: [...state.queued, added] };
    }
    case 'delivery.attempted':
      return withDelivery(state, data.id, { attempts: data.attempt, retryAt: null });
    case 'delivery.failed':
      return withDelivery(state, data.id, { retryAt: data.retryAt });
    case 'delivery.sent':
      return without(state, data.id, data.ref);
    case 'delivery.dead':
      return { ...without(state, data.id, null), deadCount: state.deadCount + 1 };
    case 'outbox.notified':
      return state;
  }
}

function withDelivery(state: OutboxState, id: string, change: Partial<QueuedDelivery>): OutboxState {
  return { ...state, queued: state.queued.map((each) => (each.id === id ? { ...each, ...change } : each)) };
}

/** A thread is remembered only as long as somebody may need it. */
function without(state: OutboxState, id: string, ref: string | null): OutboxState {
  const gone = state.queued.find((each) => each.id === id);
  if (!gone) return state;
  const queued = state.queued.filter((each) => each !== gone);
  const { [gone.about]: known = ref, ...threads } = state.threads;
  const isMoreToSay = known !== null && queued.some(({ about }) => about === gone.about);
  return { ...state, queued, threads: isMoreToSay ? { ...threads, [gone.about]: known } : threads };
}

/** Which may be attempted now, oldest first: of everything about the same, the first alone. */
export function nextAttempts(state: OutboxState, nowMs: number): QueuedDelivery[] {
  return headsOf(state).filter((head) => dueMs(head) <= nowMs);
}

/** When the next attempt is due; null: nothing waits. */
export function nextAttemptAtMs(state: OutboxState): number | null {
  const heads = headsOf(state);
  return heads.length === 0 ? null : Math.min(...heads.map(dueMs));
}

function headsOf({ queued }: OutboxState): QueuedDelivery[] {
  const seen = new Set<string>();
  return queued.filter(({ about }) => !seen.has(about) && seen.add(about));
}

function dueMs({ retryAt }: QueuedDelivery): number {
  return retryAt === null ? 0 : Date.parse(retryAt);
}
