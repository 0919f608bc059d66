/** What a worker's loop waits on: a ring, or a while. */
import type { Clock } from '../base/clock.ts';

export interface Wake {
  ring: () => void;
  /** Resolves at the next ring, soon when one came since the last wait, or after `ms`. */
  wait(ms: number): Promise<void>;
}

/** One for all: an abort without a reason makes an error with a stack every time. */
const rung = 'rung';

export function createWake(clock: Clock): Wake {
  let hasRung = false;
  let waiting: AbortController | null = null;
  return {
    ring() {
      hasRung = true;
      waiting?.abort(rung);
    },
    async wait(ms) {
      waiting = new AbortController();
      // A ring at every turn must still let timers and sockets have theirs.
      await clock.sleep(hasRung ? 0 : ms, hasRung ? undefined : waiting.signal).catch(() => {});
      waiting = null;
      hasRung = false;
    },
  };
}

/**
 * How long to wait where something is due at `dueAtMs` (null: nothing is) and everything is looked at every `pollMs`. What was due
 * before has been looked at, and waits for something else.
 */
export function untilNextLook(dueAtMs: number | null, nowMs: number, pollMs: number): number {
  if (dueAtMs === null || dueAtMs <= nowMs) return pollMs;
  return Math.min(dueAtMs - nowMs, pollMs);
}
