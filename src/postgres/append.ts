/**
 * The append loop of one process: one batch in flight, the next one gathers while it commits. Owns the answers to
 * "an SQL error in the batch" (units again, one by one) and "connection lost" (is it stored? only then or never
 * send again). Knows nothing of followers or inboxes.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'pg';
import pg from 'pg';
import { MeshwrightError } from '../base/errors.ts';
import type { StoredEvent } from '../journal/event.ts';
import { type PreparedUnit, prepareUnit } from '../journal/prepare-unit.ts';
import type { AppendOutcome, Unit } from '../journal/unit.ts';
import { appendBatch } from './append-batch.ts';
import { connectClient, unreachable } from './connect.ts';
import { readUnit } from './read.ts';

/** More gain nothing: at 512 the commit is already far cheaper than the inserts. */
const MAX_BATCH = 512;
const RECONNECT_FOR_MS = 30_000;
/** A unit with which so many connections in a row were lost is likely the reason. */
const MAX_LOSSES = 20;

/**
 * Index lookups by key are the only good plan here, at any table size, and planning again would cost more than the
 * append. fsync and synchronous_commit: an acknowledged append survives a power cut, whatever the server's default.
 */
const SESSION = {
  plan_cache_mode: 'force_generic_plan',
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  jit: 'off',
  synchronous_commit: 'on',
  search_path: 'pg_catalog',
};

interface Waiting {
  prepared: PreparedUnit;
  /** How often a connection was lost with it. */
  lossCount: number;
  resolve(outcome: AppendOutcome): void;
  reject(error: unknown): void;
}

interface Connection {
  client: Client;
  /** Unique on the server, so that this very session can be ended from another one. */
  name: string;
}

export interface Appender {
  append(unit: Unit): Promise<AppendOutcome>;
  /** Waits for what was handed in, then disconnects. */
  close(): Promise<void>;
}

export function createAppender(url: string): Appender {
  let queue: Waiting[] = [];
  let connection: Connection | undefined;
  let running: Promise<void> | undefined;
  let isClosed = false;

  const connected = async (): Promise<Client> => {
    connection ??= await openConnection(url);
    return connection.client;
  };
  const runBatch = async (batch: Waiting[]): Promise<void> => {
    try {
      const outcomes = await appendBatch(
        await connected(),
        batch.map((waiting) => waiting.prepared),
      );
      for (const [index, waiting] of batch.entries()) settleUnit(waiting, outcomes[index]);
    } catch (error) {
      if (!isConnectionLoss(error)) return runOneByOne(batch, error);
      const lost = connection;
      connection = undefined;
      await recoverBatch(batch, lost, error);
    }
  };
  const runOneByOne = async (batch: Waiting[], error: unknown): Promise<void> => {
    if (batch.length === 1) return batch[0]?.reject(error);
    for (const waiting of batch) await runBatch([waiting]);
  };
  const recoverBatch = async (
    batch: Waiting[],
    lost: Connection | undefined,
    cause: unknown,
  ): Promise<void> => {
    try {
      const again: Waiting[] = [];
      const { fresh, stored } = await findStored(url, batch, lost, cause);
      connection = fresh;
      for (const [index, waiting] of batch.entries()) {
        const events = stored[index] ?? [];
        waiting.lossCount += 1;
        if (events.length > 0) waiting.resolve({ outcome: 'appended', events, isDuplicate: false });
        else if (waiting.lossCount < MAX_LOSSES) again.push(waiting);
        else waiting.reject(cause);
      }
      // Before what came later: a stream's units stay in their order.
      queue = [...again, ...queue];
    } catch (error) {
      for (const waiting of batch) waiting.reject(error);
    }
  };
  const run = async (): Promise<void> => {
    while (queue.length > 0) {
      const { batch, rest } = takeBatch(queue);
      queue = rest;
      await runBatch(batch);
      // Callers just answered append again in the microtasks that follow; let them join the next batch.
      await new Promise<void>((resolve) => process.nextTick(resolve));
    }
    running = undefined;
  };

  return {
    append(unit) {
      const prepared = prepareUnit(unit);
      if (isClosed)
        throw new MeshwrightError('journal_closed', `The journal is closed; ${unit.stream} was not written.`);
      return new Promise((resolve, reject) => {
        queue.push({ prepared, lossCount: 0, resolve, reject });
        running ??= new Promise<void>((begin) => process.nextTick(begin)).then(run);
      });
    },
    async close() {
      isClosed = true;
      await running;
      await connection?.client.end().catch(() => {});
      connection = undefined;
    },
  };
}

/** At most one unit per stream, in the order they came: a stream's second unit waits for the first one's outcome. */
function takeBatch(queue: readonly Waiting[]): { batch: Waiting[]; rest: Waiting[] } {
  const batch: Waiting[] = [];
  const rest: Waiting[] = [];
  const streams = new Set<string>();
  const ids = new Set<string>();
  for (const waiting of queue) {
    const { stream, id } = waiting.prepared.unit;
    if (batch.length < MAX_BATCH && !streams.has(stream) && !ids.has(id)) batch.push(waiting);
    else rest.push(waiting);
    streams.add(stream);
    ids.add(id);
  }
  return { batch, rest };
}

function settleUnit(waiting: Waiting, outcome: AppendOutcome | undefined): void {
  if (outcome) waiting.resolve(outcome);
  else waiting.reject(new Error(`the database gave no outcome for unit ${waiting.prepared.unit.id}`));
}

async function openConnection(url: string): Promise<Connection> {
  const name = `meshwright append ${randomUUID()}`;
  return { name, client: await connectClient(url, { applicationName: name, settings: SESSION }) };
}

/**
 * A new connection, and what it finds stored of each unit. Nothing of the lost session can commit any more then, so
 * what is not stored never will be by itself. Connections may be lost here as well; it goes on with another.
 * @throws MeshwrightError `database_unreachable` when the server does not come back in time.
 */
async function findStored(
  url: string,
  batch: readonly Waiting[],
  lost: Connection | undefined,
  cause: unknown,
): Promise<{ fresh: Connection; stored: StoredEvent[][] }> {
  const deadline = performance.now() + RECONNECT_FOR_MS;
  for (let waitMs = 20; ; waitMs = Math.min(waitMs * 2, 1_000)) {
    let fresh: Connection | undefined;
    try {
      fresh = await openConnection(url);
      if (lost) await endSession(fresh.client, lost);
      const stored: StoredEvent[][] = [];
      for (const waiting of batch) stored.push(await readUnit(fresh.client, waiting.prepared.unit.id));
      return { fresh, stored };
    } catch (error) {
      fresh?.client.end().catch(() => {});
      if (!isConnectionLoss(error)) throw error;
      if (performance.now() + waitMs > deadline) throw unreachable(url, cause);
      await delay(waitMs);
    }
  }
}

/** Ends what may still run of a lost session, and waits until it is gone. */
async function endSession(client: Client, lost: Connection): Promise<void> {
  for (;;) {
    const { rows } = await client.query(
      'select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = $1',
      [lost.name],
    );
    if (rows.length === 0) break;
  }
  lost.client.end().catch(() => {});
}

/**
 * Anything but an error that the server reports about the statement: those leave the session usable. Classes 08 and
 * 57P are the server's own words for a session that ends (by code: the severity's word is translated).
 */
function isConnectionLoss(error: unknown): boolean {
  return !(error instanceof pg.DatabaseError) || /^(08|57P)/.test(error.code ?? '');
}
