/** Every fact about what leaves through one channel: the event kinds of the owned stream `outbox:<project>/<channel>`. */
import type { JsonObject } from '../base/json.ts';
import { type NewEvent, type StreamId, streamId } from '../journal/event.ts';
import { type EventKinds, toStorable } from '../journal/upcast.ts';

export type OutboxEvent =
  | { kind: 'delivery.queued'; data: DeliveryOrder }
  /** Intent of one attempt. */
  | { kind: 'delivery.attempted'; data: { id: string; attempt: number } }
  | { kind: 'delivery.sent'; data: { id: string; ref: string } }
  /** `heldUntil`: the other side asked for no further call before this ISO time; null: it did not say. */
  | {
      kind: 'delivery.failed';
      data: { id: string; message: string; retryAt: string; heldUntil: string | null };
    }
  /** A dead letter: it is not tried again unless a person says so. */
  | { kind: 'delivery.dead'; data: { id: string; message: string } }
  /** Something else was posted here; it changes nothing. */
  | { kind: 'outbox.notified'; data: { message: string; about: JsonObject } };

export const outboxKinds: EventKinds<OutboxEvent['kind']> = {
  'delivery.queued': [],
  'delivery.attempted': [],
  'delivery.sent': [],
  'delivery.failed': [],
  'delivery.dead': [],
  'outbox.notified': [],
};

export function outboxStream(project: string, channel: string): StreamId {
  return streamId('outbox', project, channel);
}

export function toOutboxEvent(event: OutboxEvent, actor: string): NewEvent {
  return toStorable(outboxKinds, event, actor);
}

/** Message to an outbox stream: one thing to be said. */
export const deliveryOrdered = 'delivery.ordered';

export interface DeliveryOrder {
  id: string;
  /** Blob of a Notice. */
  notice: string;
  /** `Q-7`, `A-2`. */
  about: string;
  /** What belongs together there, and goes in order: `Q-7 #product-questions`, `A-2 @sarah-pm`. */
  conversation: string;
  /** The stream whose inbox hears what came of it. */
  replyTo: StreamId;
}

/** What came of it, posted to `replyTo` in the unit that says so: a DeliverySent or a DeliveryDead. */
export const deliverySent = 'delivery.sent';
export const deliveryDead = 'delivery.dead';

export interface DeliverySent {
  delivery: string;
  channel: string;
  ref: string;
}

export interface DeliveryDead {
  delivery: string;
  channel: string;
  message: string;
}
