/** The approval tiers that every project has without writing any: how many people must agree, and for how long it holds. */
import type { ApprovalTier } from './stakeholders.ts';

const hourMs = 3_600_000;

/** Empty `approvers`: the engineering lead. */
export function builtInTiers(): Record<'external' | 'money' | 'infrastructure', ApprovalTier> {
  return {
    external: { name: 'external', approvers: [], peopleCount: 1, windowMs: 24 * hourMs, channel: null },
    money: { name: 'money', approvers: [], peopleCount: 1, windowMs: 24 * hourMs, channel: null },
    infrastructure: {
      name: 'infrastructure',
      approvers: [],
      peopleCount: 2,
      windowMs: 48 * hourMs,
      channel: null,
    },
  };
}
