/**
 * Renewing leases, on a connection of its own: neither slow appends nor a pool that is used up may cost a worker its
 * units. Answers soon or fails, so that a worker without heartbeat can stop before its lease ends.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { MeshwrightError } from '../base/errors.ts';
import type { Claim } from '../journal/journal.ts';
import { createPool } from './connect.ts';
import { type DatabaseServer, diskFull, isConnectionLoss, isDiskFull, unreachable } from './storage-fault.ts';

export interface Heartbeat {
  /**
   * False when the claim was lost. Answers within 3 s, a restart of the server included.
   * @throws MeshwrightError `database_unreachable` when it cannot: the renewal may have happened or not.
   */
  renew(claim: Claim, leaseMs: number): Promise<boolean>;
  close(): Promise<void>;
}

const ANSWER_WITHIN_MS = 3_000;
const AGAIN_AFTER_MS = 50;

/**
 * Asynchronous commit: a heartbeat must not wait for a slow disk. A crash of the server within a second may undo it;
 * the lease then ends some seconds early, and the fence keeps an early successor apart from its predecessor.
 */
const RENEW = `
  with setting as materialized (select set_config('synchronous_commit', 'off', true))
  update meshwright.claim_unit set lease_until = clock_timestamp() + make_interval(secs => $4 / 1000.0)
  from setting where id = $1 and owner = $2 and fence = $3`;

export function createHeartbeat(server: DatabaseServer): Heartbeat {
  const pool = createPool(server.url, {
    max: 1,
    applicationName: 'meshwright heartbeat',
    answerWithinMs: ANSWER_WITHIN_MS,
  });
  return {
    async renew(claim, leaseMs) {
      const deadline = performance.now() + Math.min(ANSWER_WITHIN_MS, leaseMs / 2);
      for (;;) {
        try {
          const asked = pool.query(RENEW, [claim.unit, claim.owner, claim.fence, leaseMs]);
          return (await before(deadline, asked)).rowCount === 1;
        } catch (error) {
          if (isDiskFull(error)) throw diskFull(server, error);
          if (!isConnectionLoss(error)) throw error;
          if (performance.now() + AGAIN_AFTER_MS > deadline) throw noHeartbeat(server, error);
          await delay(AGAIN_AFTER_MS);
        }
      }
    },
    close: () => pool.end(),
  };
}

function noHeartbeat(server: DatabaseServer, error: unknown): MeshwrightError {
  return error instanceof MeshwrightError ? error : unreachable(server.url, error);
}

/** Rejects at the deadline; what was asked goes on until its own timeout. */
async function before<T>(deadline: number, asked: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const late = delay(Math.max(0, deadline - performance.now()), undefined, { signal: timer.signal }).then(
    () => {
      throw new Error(`no answer in time`);
    },
  );
  late.catch(() => {});
  asked.catch(() => {});
  try {
    return await Promise.race([asked, late]);
  } finally {
    timer.abort();
  }
}
