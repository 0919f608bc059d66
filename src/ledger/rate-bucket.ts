/**
 * Token buckets: what may go per minute. A bucket holds one minute's worth, so that after a quiet minute as much can go at
 * once; then it fills evenly. Who takes more than there is goes into the bucket's debt and is told how long to wait, so takers
 * are served in order. The port is narrow: the buckets are shared by all worker processes (postgres/rate-buckets.ts).
 */
import type { Clock } from '../base/clock.ts';

export interface RateBuckets {
  /** How many milliseconds to wait before going on. A negative amount gives back what was taken too much. */
  take(bucket: string, take: RateTake): Promise<number>;
}

export interface RateTake {
  perMinute: number;
  amount: number;
}

const minuteMs = 60_000;

/** `fullAtMs`: when the bucket is full again if nobody takes; null: never used. */
export function takeFromBucket(
  fullAtMs: number | null,
  { perMinute, amount, nowMs }: RateTake & { nowMs: number },
): { fullAtMs: number; waitMs: number } {
  const after = Math.max(fullAtMs ?? nowMs, nowMs) + (amount * minuteMs) / perMinute;
  return { fullAtMs: after, waitMs: Math.max(0, after - nowMs - minuteMs) };
}

/** For one process, or a simulated world. */
export function createMemoryRateBuckets(clock: Pick<Clock, 'now'>): RateBuckets {
  const fullAt = new Map<string, number>();
  return {
    take: async (bucket, take) => {
      const taken = takeFromBucket(fullAt.get(bucket) ?? null, { ...take, nowMs: clock.now() });
      fullAt.set(bucket, taken.fullAtMs);
      return taken.waitMs;
    },
  };
}
