/** A server that takes its time: what waits, what must not wait, and that nothing is done twice. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../test/postgres.ts';
import { appended, freshStream, unitFor } from '../journal/contract-harness.ts';
import type { Journal } from '../journal/journal.ts';
import { connectClient } from './connect.ts';
import { openPostgresJournal } from './journal.ts';

const CONNECTIONS = 3;
let database: TestDatabase;
let journal: Journal;
let admin: Client;

beforeAll(async () => {
  database = await openTestDatabase();
  journal = await openPostgresJournal({ url: database.url, maxConnections: CONNECTIONS, patienceMs: 0 });
  admin = await connectClient(database.url, { applicationName: 'test admin' });
});
afterAll(async () => {
  await admin.end();
  await journal.close();
  await database.close();
});

/** While `work` runs, whatever reads or writes the table hangs, as on a disk that does not answer. */
async function whileHanging(table: string, work: () => Promise<void>): Promise<void> {
  await admin.query(`begin; lock table meshwright.${table} in access exclusive mode`);
  await work().finally(() => admin.query('rollback'));
}

/** How many sessions of ours wait for a lock. */
async function countWaiting(): Promise<number> {
  // A transaction sees what it saw first.
  await admin.query('select pg_stat_clear_snapshot()');
  const { rows } = await admin.query<{ count: number }>(
    `select count(*)::int as count from pg_stat_activity
     where datname = current_database() and wait_event_type = 'Lock'`,
  );
  return rows[0]?.count ?? 0;
}

const claimOf = async (unit = freshStream('cluster'), leaseMs = 60_000) => {
  const claim = await journal.claimUnit(unit, { owner: 'w1', host: 'h', leaseMs, project: 'p' });
  if (!claim) throw new Error('not claimed');
  return claim;
};

it('renews leases while every connection of the pool and the appends hang', async () => {
  const claim = await claimOf();
  const stream = freshStream();
  let slow: Promise<unknown>[] = [];
  await whileHanging('event', async () => {
    slow = Array.from({ length: CONNECTIONS * 2 }, () => journal.read(stream));
    slow.push(journal.append(unitFor(stream)));
    await expect.poll(countWaiting, { timeout: 10_000 }).toBe(CONNECTIONS + 1);
    expect(await journal.renew(claim, 60_000)).toBe(true);
    expect(await countWaiting()).toBe(CONNECTIONS + 1);
  });
  await Promise.all(slow);
  expect(await journal.read(stream)).toHaveLength(1);
});

it('lets appends and reads wait as long as it takes, then does each once', async () => {
  const stream = freshStream();
  appended(await journal.append(unitFor(stream)));
  let answerCount = 0;
  let slow: Promise<unknown>[] = [];
  await whileHanging('event', async () => {
    slow = Array.from({ length: CONNECTIONS * 2 }, () => journal.read(stream));
    slow.push(journal.append(unitFor(stream, 1)).then(appended));
    for (const one of slow) one.then(() => (answerCount += 1)).catch(() => {});
    await expect.poll(countWaiting, { timeout: 10_000 }).toBe(CONNECTIONS + 1);
    // Longer than any time allowed for a connection attempt: those who wait for a free one must not count it.
    await delay(11_000);
    expect(answerCount).toBe(0);
  });
  await Promise.all(slow);
  expect(await journal.read(stream)).toHaveLength(2);
});

it('does not let a heartbeat hang: it says that it is not confirmed, and the next one works', async () => {
  const claim = await claimOf();
  const given: string[] = [];
  const renew = async (what: string, leaseMs: number): Promise<void> => {
    await expect(journal.renew(claim, leaseMs)).rejects.toMatchObject({ code: 'database_unreachable' });
    given.push(what);
  };
  await whileHanging('claim_unit', async () => {
    const later = delay(2_000).then(() => given.push('later'));
    await Promise.all([renew('long lease', 60_000), renew('short lease', 200), later]);
  });
  // Half a short lease is over long before an answer is given up otherwise.
  expect(given).toEqual(['short lease', 'later', 'long lease']);
  expect(await journal.renew(claim, 60_000)).toBe(true);
});
