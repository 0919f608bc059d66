import type { Upcast } from '../../journal/upcast.ts';

/** 1 → 2: only questions were asked. */
export const peopleAsked: readonly Upcast[] = [(data) => ({ ...data, action: null })];
