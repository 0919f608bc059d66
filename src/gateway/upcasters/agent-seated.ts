import type { Upcast } from '../../journal/upcast.ts';

/** 1 → 2: which tier the model stands for and what chose it; unknown of what was seated before. */
export const agentSeated: readonly Upcast[] = [(data) => ({ ...data, tier: null, why: null })];
