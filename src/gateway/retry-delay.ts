/** How long to wait before the next attempt of a failed model call. Pure: the jitter comes from the call's id. */
import { sha256Hex } from '../base/json.ts';

const firstDelayMs = 1_000;
export const longestDelayMs = 60_000;

export interface RetryFacts {
  /** The attempt that failed, from 1. */
  attempt: number;
  /** The provider's own wish. */
  retryAfterMs: number | null;
  /** Id of the failed call: agents that failed together do not come back together. */
  call: string;
}

/**
 * Doubles from 1 s, shortened by up to half; a stated wish is never undercut but lengthened by up to a quarter. At most
 * 60 s: who must wait longer than that has exhausted a quota, which is not this loop's matter.
 */
export function retryDelayMs({ attempt, retryAfterMs, call }: RetryFacts): number {
  const share = Number.parseInt(sha256Hex(call).slice(0, 8), 16) / 0xffff_ffff;
  const wanted =
    retryAfterMs === null
      ? firstDelayMs * 2 ** Math.min(attempt - 1, 10) * (1 - share / 2)
      : retryAfterMs * (1 + share / 4);
  return Math.round(Math.min(wanted, longestDelayMs));
}
