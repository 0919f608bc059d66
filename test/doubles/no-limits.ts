/** Limits that limit nothing: no rate is set and no model has an equal. The breaker and the quota windows are the real ones. */
import { randomUUID } from 'node:crypto';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import type { CallLimits } from '../../src/gateway/call-limits.ts';
import { createModelAccess } from '../../src/gateway/model-access.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { createMemoryRateBuckets } from '../../src/ledger/rate-bucket.ts';
import { defaultLimits } from '../../src/policy/policy-defaults.ts';

export function noLimits(options: { journal: Journal; project: string; clock?: Clock }): CallLimits {
  const { journal, project, clock = systemClock } = options;
  return {
    access: createModelAccess({ journal, project, clock, newId: randomUUID, owner: 'test' }),
    equals: [],
    rates: defaultLimits.rates,
    buckets: createMemoryRateBuckets(clock),
  };
}
