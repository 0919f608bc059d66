/** What append answers when the connection, or one unit of a batch, fails: against real connections that are cut. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../test/postgres.ts';
import { openWire } from '../../test/storage/cuttable-wire.ts';
import { appended, event, freshStream, unitFor } from '../journal/contract-harness.ts';
import { verifyChain } from '../journal/hash-chain.ts';
import type { Journal } from '../journal/journal.ts';
import { createAppender } from './append.ts';
import { connectClient } from './connect.ts';
import { openPostgresJournal } from './journal.ts';

let database: TestDatabase;
let journal: Journal;

beforeAll(async () => {
  database = await openTestDatabase();
  journal = await openPostgresJournal({ url: database.url });
});
afterAll(async () => {
  await journal.close();
  await database.close();
});

it.each(['cutAnswerTo', 'cutRequest'] as const)(
  'stores a unit once and answers it when the connection is lost (%s)',
  async (how) => {
    const wire = await openWire(database.url);
    const appender = createAppender({ url: wire.url });
    try {
      const stream = freshStream();
      appended(await appender.append(unitFor(stream)));
      const unit = unitFor(stream, 1, { events: [event('a', { how }), event('b')] });
      wire[how](unit.id);
      const outcome = await appender.append(unit);
      expect(outcome).toMatchObject({ outcome: 'appended', isDuplicate: false });
      appended(await appender.append(unitFor(stream, 3)));
      const events = await journal.read(stream);
      expect(events.slice(1, 3)).toEqual(appended(outcome));
      expect(events).toHaveLength(4);
      expect(verifyChain(events)).toEqual({ isIntact: true });
    } finally {
      await appender.close();
      await wire.close();
    }
  },
);

it('answers every unit truthfully while the server ends its sessions again and again', async () => {
  const admin = await connectClient(database.url, { applicationName: 'test admin' });
  const before = await journal.head();
  try {
    let isWriting = true;
    const write = async (): Promise<number> => {
      const stream = freshStream();
      for (let version = 0; version < 40; version += 1)
        appended(await journal.append(unitFor(stream, version)));
      expect(verifyChain(await journal.read(stream))).toEqual({ isIntact: true });
      return (await journal.read(stream)).length;
    };
    const terminate = async (): Promise<void> => {
      while (isWriting) {
        await admin.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
           where datname = current_database() and application_name like 'meshwright append%'`,
        );
        // However slow the machine is, something is stored between two ends: else it would only test giving up.
        const stored = await journal.head();
        while (isWriting && (await journal.head()) === stored) await delay(5);
      }
    };
    const terminating = terminate();
    const counts = await Promise.all(Array.from({ length: 6 }, write)).finally(() => {
      isWriting = false;
      return terminating;
    });
    expect(counts).toEqual(Array.from({ length: 6 }, () => 40));
    expect(await journal.head()).toBe(before + 6 * 40);
  } finally {
    await admin.end();
  }
});

it('rejects only the unit that the database cannot store; its neighbours in the batch are appended', async () => {
  const neighbours = Array.from({ length: 4 }, () => unitFor(freshStream()));
  // Too long, and too random, for an index entry.
  const long = freshStream('item', Array.from({ length: 300 }, () => randomUUID()).join(''));
  const [first, second, bad, ...rest] = await Promise.allSettled([
    ...neighbours.slice(0, 2).map((unit) => journal.append(unit)),
    journal.append(unitFor(long)),
    ...neighbours.slice(2).map((unit) => journal.append(unit)),
  ]);
  expect(bad?.status).toBe('rejected');
  for (const outcome of [first, second, ...rest]) {
    expect(outcome).toMatchObject({
      status: 'fulfilled',
      value: { outcome: 'appended', isDuplicate: false },
    });
  }
  expect(await journal.read(long)).toEqual([]);
});

it('survives that the server ends its idle connections', async () => {
  const admin = await connectClient(database.url, { applicationName: 'test admin' });
  try {
    await journal.read(freshStream());
    await admin.query(
      `select pg_terminate_backend(pid, 5000) from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid() and application_name like 'meshwright%'`,
    );
    // The news of the end must have been read before the pool can know.
    await expect.poll(() => journal.head().catch(() => -1)).toBeGreaterThanOrEqual(0);
    appended(await journal.append(unitFor(freshStream())));
  } finally {
    await admin.end();
  }
});

it('says where the database was looked for, without the password, when it cannot be reached', async () => {
  const wire = await openWire(database.url);
  await wire.close();
  const url = new URL(wire.url);
  url.password = 'secret';
  const refused = openPostgresJournal({ url: url.href });
  await expect(refused).rejects.toMatchObject({ code: 'database_unreachable' });
  await expect(refused).rejects.toThrow(/meshwright:\*\*\*@127\.0\.0\.1/);
  await expect(refused).rejects.not.toThrow(/secret/);
});
