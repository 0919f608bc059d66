/** Inboxes in memory: messages in order of arrival, and every id that a stream's inbox ever had. */
import type { Clock } from '../base/clock.ts';
import type { StreamId } from './event.ts';
import type { InboxMessage, InboxPost } from './unit.ts';

export interface MemoryInbox {
  /** False when the stream's inbox has, or had, this id. */
  post(post: InboxPost): boolean;
  consume(stream: StreamId, id: string): void;
  waitingFor(claimUnit: StreamId): InboxMessage[];
}

export function createMemoryInbox(clock: Clock, claimUnitOf: (stream: StreamId) => StreamId): MemoryInbox {
  let waiting: InboxMessage[] = [];
  const seen = new Set<string>();
  return {
    post({ stream, id, kind, actor, data }) {
      const key = JSON.stringify([stream, id]);
      if (seen.has(key)) return false;
      seen.add(key);
      const at = new Date(clock.now()).toISOString();
      waiting.push({ stream, id, kind, actor, data: structuredClone(data), at });
      return true;
    },
    consume(stream, id) {
      waiting = waiting.filter((message) => message.stream !== stream || message.id !== id);
    },
    waitingFor(claimUnit) {
      return waiting
        .filter((message) => claimUnitOf(message.stream) === claimUnit)
        .map((message) => structuredClone(message));
    },
  };
}
