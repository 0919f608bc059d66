/** When a paused item goes on by itself. */
import type { ItemState } from './item-state.ts';

/** Milliseconds since 1970; null: it waits for a person, or for nothing. */
export function dueAtMs({ status, pause }: Pick<ItemState, 'status' | 'pause'>): number | null {
  const until = status === 'paused' ? pause?.until : null;
  return until ? Date.parse(until) : null;
}

export function isDue(state: Pick<ItemState, 'status' | 'pause'>, nowMs: number): boolean {
  const atMs = dueAtMs(state);
  return atMs !== null && atMs <= nowMs;
}
