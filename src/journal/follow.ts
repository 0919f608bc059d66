/**
 * Following the journal by position: pages of history, then whatever comes. Positions are gapless and appear in
 * order, so reading past a cursor can skip nothing. Knows nothing of storage or of who wakes it.
 */
import type { StoredEvent } from './event.ts';

export interface FollowSource {
  /** Events with position > after in order, and the position up to which the journal was looked at. */
  readPage(after: number): Promise<{ events: StoredEvent[]; scannedTo: number }>;
  /** Resolves when there may be events past `after`, or when the signal aborts; never rejects. */
  waitForMore(after: number, signal: AbortSignal): Promise<void>;
}

/** Yields each event once and in order until the signal aborts; then it returns. */
export async function* followPages(
  source: FollowSource,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<StoredEvent, void, undefined> {
  let cursor = after;
  while (!signal.aborted) {
    const { events, scannedTo } = await source.readPage(cursor);
    for (const event of events) {
      if (signal.aborted) return;
      yield event;
    }
    if (scannedTo > cursor) cursor = scannedTo;
    else await source.waitForMore(cursor, signal);
  }
}

/** Listeners that are called at most once per turn of the event loop, however often they are woken. */
export function createWakeSignal(defer: (run: () => void) => void = setImmediate): {
  wake(): void;
  subscribe(listener: () => void): () => void;
  /** Resolves at the next wake, after `timeoutMs`, or on abort. */
  next(signal: AbortSignal, timeoutMs?: number): Promise<void>;
} {
  const listeners = new Set<() => void>();
  let isScheduled = false;
  const subscribe = (listener: () => void): (() => void) => {
    const entry = (): void => listener();
    listeners.add(entry);
    return () => void listeners.delete(entry);
  };
  return {
    wake() {
      if (isScheduled || listeners.size === 0) return;
      isScheduled = true;
      defer(() => {
        isScheduled = false;
        for (const listener of [...listeners]) listener();
      });
    },
    subscribe,
    next(signal, timeoutMs) {
      return new Promise((resolve) => {
        if (signal.aborted) return resolve();
        let timer: NodeJS.Timeout | undefined;
        const finish = (): void => {
          clearTimeout(timer);
          unsubscribe();
          signal.removeEventListener('abort', finish);
          resolve();
        };
        const unsubscribe = subscribe(finish);
        signal.addEventListener('abort', finish, { once: true });
        if (timeoutMs !== undefined) timer = setTimeout(finish, timeoutMs);
      });
    },
  };
}
