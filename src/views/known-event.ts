/** One event for showing it alone, outside any fold: what is not known is no error there. */
import { readTapeEvent } from '../gateway/tape-codec.ts';
import type { TapeEvent } from '../gateway/tape-event.ts';
import { tapeKinds } from '../gateway/tape-kinds.ts';
import type { ItemEvent } from '../items/item-event.ts';
import { itemKinds } from '../items/item-kinds.ts';
import { readItemEvent } from '../items/item-stream.ts';
import type { StoredEvent } from '../journal/event.ts';
import { type EventKinds, isKnown, upcast } from '../journal/upcast.ts';
import { type MemoryEvent, memoryKinds } from '../memory/memory-event.ts';
import { type OutboxEvent, outboxKinds } from '../outbox/outbox-event.ts';
import { type ApprovalEvent, approvalKinds } from '../questions/approval-event.ts';
import { type QuestionEvent, questionKinds } from '../questions/question-event.ts';

export type KnownEvent = ItemEvent | TapeEvent | MemoryEvent | QuestionEvent | ApprovalEvent | OutboxEvent;

/** In today's shape, packed fields as they are stored. Null: of another stream, or written by a newer version. */
export function knownEvent(stored: StoredEvent): KnownEvent | null {
  return (
    knownWorkEvent(stored) ??
    knownQuestionEvent(stored) ??
    knownAs<ApprovalEvent>('approval:', approvalKinds, stored) ??
    knownAs<OutboxEvent>('outbox:', outboxKinds, stored) ??
    knownAs<MemoryEvent>('memory:', memoryKinds, stored)
  );
}

/** Of an item or of its agents. */
export function knownWorkEvent(stored: StoredEvent): ItemEvent | TapeEvent | null {
  if (stored.stream.startsWith('item:') && isKnown(itemKinds, stored)) return readItemEvent(stored);
  if (stored.stream.startsWith('agent:') && isKnown(tapeKinds, stored)) return readTapeEvent(stored);
  return null;
}

export function knownQuestionEvent(stored: StoredEvent): QuestionEvent | null {
  return knownAs<QuestionEvent>('question:', questionKinds, stored);
}

function knownAs<E extends { kind: string; data: object }>(
  prefix: string,
  kinds: EventKinds<E['kind']>,
  stored: StoredEvent,
): E | null {
  if (!stored.stream.startsWith(prefix) || !isKnown(kinds, stored)) return null;
  return upcast(kinds, stored) as unknown as E;
}
