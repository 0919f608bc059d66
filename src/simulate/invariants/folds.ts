/** Everybody who reads a stream can fold it, at every moment of its life: items and tapes by the product's own folds. */
import { messageOf } from '../../base/errors.ts';
import { applyTapeEvent, emptyTape, type TapeState } from '../../gateway/tape.ts';
import type { TapeEvent } from '../../gateway/tape-event.ts';
import { advance, initialItem } from '../../items/advance.ts';
import type { ItemEvent } from '../../items/item-event.ts';
import type { ItemState } from '../../items/item-state.ts';
import type { StreamId } from '../../journal/event.ts';
import type { Watcher } from '../watch.ts';

/** Keeps `items` in step; `onItem` is told of every event of an item with the states around it. */
export function watchFolds(options: {
  items: Map<StreamId, ItemState>;
  onItem: (before: ItemState, after: ItemState, event: ItemEvent) => void;
  violate: (invariant: string, message: string) => void;
}): Watcher {
  const { items, onItem, violate } = options;
  const tapes = new Map<StreamId, TapeState>();
  return {
    onEvent({ stream, version, kind, data }) {
      try {
        if (stream.startsWith('item:')) {
          const event = { kind, data } as unknown as ItemEvent;
          const before = items.get(stream) ?? initialItem;
          const after = advance(before, event);
          items.set(stream, after);
          onItem(before, after, event);
        } else if (stream.startsWith('agent:')) {
          const event = { kind, data } as unknown as TapeEvent;
          const tape = applyTapeEvent(tapes.get(stream) ?? emptyTape, event) as TapeState | undefined;
          if (!tape) throw new Error('its kind is unknown');
          tapes.set(stream, tape);
        }
      } catch (error) {
        violate('folds never throw', `${stream} ${version} ${kind}: ${messageOf(error)}`);
      }
    },
  };
}
