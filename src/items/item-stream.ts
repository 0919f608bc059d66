/** Between the journal's untyped events and the interpreter's typed ones, for the stream of one item. */
import type { JsonObject } from '../base/json.ts';
import { type NewEvent, type StoredEvent, type StreamId, streamId } from '../journal/event.ts';
import { reduceItem } from './advance.ts';
import type { ItemEvent } from './item-event.ts';
import type { ItemState } from './item-state.ts';

export function itemStream(project: string, number: number): StreamId {
  return streamId('item', project, number);
}

export function foldItemEvents(events: readonly StoredEvent[]): ItemState {
  return reduceItem(events.map((event) => ({ kind: event.kind, data: event.data }) as unknown as ItemEvent));
}

export function toNewEvent(event: ItemEvent, actor: string): NewEvent {
  return { kind: event.kind, schema: 1, actor, data: event.data as unknown as JsonObject };
}
