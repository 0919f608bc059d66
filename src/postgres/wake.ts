/**
 * Telling other processes that something waits: one coalesced NOTIFY per interval, outside every append, because a
 * notifying commit takes a lock of the whole server. A hint only: workers poll as well, so a lost one costs time.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Pool } from 'pg';
import { createWakeSignal } from '../journal/follow.ts';
import { connectClient } from './connect.ts';

const CHANNEL = 'meshwright_wake';
const NOTIFY_EVERY_MS = 20;
const LISTEN_AGAIN_MS = 50;
const LISTEN_AGAIN_AT_MOST_MS = 1_000;

export interface WakeChannel {
  /** Wakes listeners here at once and those of other processes soon. */
  announce(): void;
  onWake(listener: () => void): () => void;
  close(): Promise<void>;
}

export function createWakeChannel(url: string, pool: Pool): WakeChannel {
  const signal = createWakeSignal();
  const closing = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let sending: Promise<unknown> = Promise.resolve();
  let listening: Promise<void> | undefined;
  const notify = (): void => {
    timer = undefined;
    // Asynchronous commit: nobody's durability hangs on a hint.
    sending = pool
      .query(`begin; set local synchronous_commit = off; notify ${CHANNEL}; commit`)
      .catch(() => {});
  };
  return {
    announce() {
      signal.wake();
      if (!closing.signal.aborted) timer ??= setTimeout(notify, NOTIFY_EVERY_MS);
    },
    onWake(listener) {
      listening ??= listen(url, () => signal.wake(), closing.signal);
      return signal.subscribe(listener);
    },
    async close() {
      closing.abort();
      if (timer) {
        clearTimeout(timer);
        notify();
      }
      await Promise.all([sending, listening]);
    },
  };
}

/** Holds a LISTEN connection until aborted, reconnecting for ever; wakes once per reconnection for what was missed. */
async function listen(url: string, wake: () => void, closing: AbortSignal): Promise<void> {
  let waitMs = LISTEN_AGAIN_MS;
  while (!closing.aborted) {
    try {
      const client = await connectClient(url, { applicationName: 'meshwright wake' });
      const ended = new Promise<void>((resolve) => client.once('end', resolve));
      const aborted = new Promise<void>((resolve) =>
        closing.addEventListener('abort', () => resolve(), { once: true }),
      );
      client.on('notification', wake);
      await client.query(`listen ${CHANNEL}`);
      wake();
      waitMs = LISTEN_AGAIN_MS;
      if (closing.aborted) await client.end();
      else await Promise.race([ended, aborted]);
      await client.end().catch(() => {});
    } catch {
      await delay(waitMs, undefined, { signal: closing }).catch(() => {});
      waitMs = Math.min(waitMs * 2, LISTEN_AGAIN_AT_MOST_MS);
    }
  }
}
