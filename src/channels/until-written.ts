/** Tries again what was heard and could not be written, where nobody sends it a second time. */
import { setTimeout as delay } from 'node:timers/promises';

/** 1, 2, 4 … 60 seconds: for seven minutes, longer than a database takes to come back. */
const waitsMs = [1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60, 60].map((seconds) => seconds * 1_000);

/** Rejects with the last failure when there is no hope, or when the worker stops. */
export async function untilWritten(act: () => Promise<void>, closing: AbortSignal): Promise<void> {
  for (const waitMs of waitsMs) {
    try {
      await act();
      return;
    } catch (error) {
      if (closing.aborted) throw error;
      await delay(waitMs, undefined, { signal: closing }).catch(() => {});
    }
  }
  await act();
}
