import type { ItemState } from './item-state.ts';

/** Landed, rejected or canceled: nothing follows but notes. */
export function isFinal(state: Pick<ItemState, 'status'>): boolean {
  return state.status === 'landed' || state.status === 'rejected' || state.status === 'canceled';
}
