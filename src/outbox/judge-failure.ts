/** What becomes of a delivery whose attempt failed: tried again, when; or a dead letter. */
import type { QueuedDelivery } from './outbox-state.ts';

const firstWaitMs = 1_000;
const longestWaitMs = 5 * 60_000;
/** What could not be said for a day is not said any more. */
const longestLifeMs = 24 * 60 * 60_000;

export interface FailedAttempt {
  /** Trying again changes nothing. */
  isFinal: boolean;
  /** What the other side asked for. */
  retryAfterMs: number | null;
}

export interface NextTry {
  /** ISO. */
  retryAt: string;
  /** ISO: before it the other side wants no call at all; null: it did not say so. */
  heldUntil: string | null;
}

/** @returns null: it is dead. */
export function judgeFailure(
  delivery: Pick<QueuedDelivery, 'attempts' | 'queuedAt'>,
  failed: FailedAttempt,
  nowMs: number,
): NextTry | null {
  const diesAtMs = Date.parse(delivery.queuedAt) + longestLifeMs;
  if (failed.isFinal || nowMs >= diesAtMs) return null;
  const backoffMs = Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(delivery.attempts - 1, 20));
  // Its last try is at the end of its day, whatever was asked for.
  const after = (waitMs: number) => new Date(Math.min(nowMs + waitMs, diesAtMs)).toISOString();
  const { retryAfterMs } = failed;
  return {
    retryAt: after(Math.max(backoffMs, retryAfterMs ?? 0)),
    heldUntil: retryAfterMs === null ? null : after(retryAfterMs),
  };
}
