/** What a worker's loop waits on: a ring, or a while. */
import type { Clock } from '../base/clock.ts';

export interface Wake {
  ring: () => void;
  /** Resolves at the next ring, soon when one came since the last wait, or after `ms`. */
  wait(ms: number): Promise<void>;
}

export function createWake(clock: Clock): Wake {
  let hasRung = false;
  let waiting: AbortController | null = null;
  return {
    ring() {
      hasRung = true;
      waiting?.abort();
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
