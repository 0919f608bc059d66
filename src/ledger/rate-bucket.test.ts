import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMemoryRateBuckets, takeFromBucket } from './rate-bucket.ts';

describe('a token bucket', () => {
  it('gives one minute’s worth at once, then one at a time, to each taker in order', async () => {
    const buckets = createMemoryRateBuckets({ now: () => 0 });
    const waits: number[] = [];
    for (let takes = 0; takes < 5; takes += 1)
      waits.push(await buckets.take('b', { perMinute: 3, amount: 1 }));
    expect(waits).toEqual([0, 0, 0, 20_000, 40_000]);
    expect(await buckets.take('another', { perMinute: 3, amount: 1 })).toBe(0);
  });

  it('never gives more in a time than its rate allows for it, beside one minute’s worth', () => {
    const takes = fc.array(
      fc.record({ afterMs: fc.integer({ min: 0, max: 20_000 }), amount: fc.integer({ min: 1, max: 9 }) }),
    );
    fc.assert(
      fc.property(takes, fc.integer({ min: 1, max: 50 }), (course, perMinute) => {
        let fullAtMs: number | null = null;
        let nowMs = 0;
        let lastMs = 0;
        let sum = 0;
        for (const { afterMs, amount } of course) {
          nowMs += afterMs;
          const taken: { fullAtMs: number; waitMs: number } = takeFromBucket(fullAtMs, {
            perMinute,
            amount,
            nowMs,
          });
          fullAtMs = taken.fullAtMs;
          sum += amount;
          lastMs = Math.max(lastMs, nowMs + taken.waitMs);
          expect(sum).toBeLessThanOrEqual(perMinute * (1 + lastMs / 60_000) + 1e-6);
        }
      }),
    );
  });

  it('is given back what was taken too much', async () => {
    const buckets = createMemoryRateBuckets({ now: () => 0 });
    await buckets.take('b', { perMinute: 100, amount: 100 });
    await buckets.take('b', { perMinute: 100, amount: -50 });
    expect(await buckets.take('b', { perMinute: 100, amount: 50 })).toBe(0);
    expect(await buckets.take('b', { perMinute: 100, amount: 1 })).toBe(600);
  });
});
