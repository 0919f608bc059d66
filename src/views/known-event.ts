/** One event of an item or of its agents for showing it alone, outside any fold: what is not known is no error there. */
import { readTapeEvent } from '../gateway/tape-codec.ts';
import type { TapeEvent } from '../gateway/tape-event.ts';
import { tapeKinds } from '../gateway/tape-kinds.ts';
import type { ItemEvent } from '../items/item-event.ts';
import { itemKinds } from '../items/item-kinds.ts';
import { readItemEvent } from '../items/item-stream.ts';
import type { StoredEvent } from '../journal/event.ts';
import { isKnown } from '../journal/upcast.ts';

/** In today's shape, packed fields as they are stored. Null: of another stream, or written by a newer version. */
export function knownEvent(stored: StoredEvent): ItemEvent | TapeEvent | null {
  if (stored.stream.startsWith('item:') && isKnown(itemKinds, stored)) return readItemEvent(stored);
  if (stored.stream.startsWith('agent:') && isKnown(tapeKinds, stored)) return readTapeEvent(stored);
  return null;
}
