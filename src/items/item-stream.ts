/** Between the journal's untyped events and the interpreter's typed ones, for the stream of one item. */
import { type NewEvent, type StoredEvent, type StreamId, streamId } from '../journal/event.ts';
import { toStorable, upcast } from '../journal/upcast.ts';
import { reduceItem } from './advance.ts';
import type { ItemEvent } from './item-event.ts';
import { itemKinds } from './item-kinds.ts';
import type { ItemState } from './item-state.ts';

export function itemStream(project: string, number: number): StreamId {
  return streamId('item', project, number);
}

/** In today's shape, whatever version wrote it. @throws MeshwrightError `event_unknown`. */
export function readItemEvent(stored: StoredEvent): ItemEvent {
  return upcast(itemKinds, stored) as unknown as ItemEvent;
}

/** @throws MeshwrightError `event_unknown`, `item_event_out_of_place`. */
export function foldItemEvents(events: readonly StoredEvent[]): ItemState {
  return reduceItem(events.map(readItemEvent));
}

export function toNewEvent(event: ItemEvent, actor: string): NewEvent {
  return toStorable(itemKinds, event, actor);
}
