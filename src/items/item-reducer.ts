/** How an item's stream folds, and under which name its snapshots are kept. */
import type { StreamReducer } from '../journal/fold-stream.ts';
import { advance, initialItem } from './advance.ts';
import type { ItemState } from './item-state.ts';
import { readItemEvent } from './item-stream.ts';

/**
 * Raised by hand with every change of how an item folds; item-reducer.test.ts holds a fingerprint of the sources and
 * fails until it is. A snapshot that old code took would otherwise be believed by new code.
 */
const revision = 4;

export const itemReducer: StreamReducer<ItemState> = {
  streamKind: 'item',
  reducerHash: `item/${revision}`,
  initial: initialItem,
  reduce: (state, event) => advance(state, readItemEvent(event)),
};
