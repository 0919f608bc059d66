/**
 * What must stay true of a recorded journal for ever, told apart from how a version happens to keep it: a state may get
 * new keys, and may rename what it has, but what was found out when it was recorded is found out again.
 */
import type { TapeState } from '../../src/gateway/tape.ts';
import type { ItemState } from '../../src/items/item-state.ts';

export interface Facts {
  /** By stream. */
  items: Record<string, ItemState>;
  tapes: Record<string, TapeFacts>;
  /** Item's account → what was spent. */
  spentMicroUsd: Record<string, number>;
}

type TapeFacts = Pick<TapeState, 'messages' | 'calls' | 'costMicroUsd' | 'delivered' | 'inDoubt'> & {
  isEnded: boolean;
};

export function factsOfTape(tape: TapeState): TapeFacts {
  const { messages, calls, costMicroUsd, delivered, inDoubt } = tape;
  return { messages, calls, costMicroUsd, delivered, inDoubt, isEnded: tape.ending !== null };
}
