/** A worker of an earlier version that is still running calls the functions it knows, on a database migrated since. */
import type { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../test/postgres.ts';
import { appended, freshStream, unitFor } from '../journal/contract-harness.ts';
import type { Journal } from '../journal/journal.ts';
import { connectClient } from './connect.ts';
import { openPostgresJournal } from './journal.ts';

let database: TestDatabase;
let journal: Journal;
let earlier: Client;

beforeAll(async () => {
  database = await openTestDatabase();
  journal = await openPostgresJournal({ url: database.url });
  earlier = await connectClient(database.url, { applicationName: 'earlier worker' });
});
afterAll(async () => {
  await earlier.end();
  await journal.close();
  await database.close();
});

it('posts and claims as it always did, and takes turns with a worker of this version', async () => {
  const unit = freshStream('cluster');
  const post = (id: string) =>
    earlier.query('select meshwright.post($1, $2, $3, $4, $5, $6) as posted', ['p', unit, id, 'k', 'a', {}]);
  expect((await post('m')).rows).toEqual([{ posted: true }]);
  expect((await post('m')).rows).toEqual([{ posted: false }]);
  const claim = (owner: string) =>
    earlier.query<{ unit: string; project: string; fence: number }>(
      'select * from meshwright.claim($1, $2, $3, $4, $5)',
      [null, 'p', owner, 'h', 60_000],
    );
  const [held] = (await claim('earlier')).rows;
  expect(held).toMatchObject({ unit, project: 'p' });
  const request = { owner: 'later', host: 'h', leaseMs: 60_000, project: 'p' };
  expect(await journal.claim(request)).toBeUndefined();
  const taken = await journal.claim({ ...request, voidOwners: ['earlier'] });
  expect(taken?.fence).toBeGreaterThan(held?.fence ?? 0);
  expect((await claim('earlier')).rows).toEqual([]);
  if (taken) await journal.release(taken, null);
  const [again] = (await claim('earlier')).rows;
  expect(again?.fence).toBeGreaterThan(taken?.fence ?? 0);
  appended(await journal.append(unitFor(unit, 0, { fence: again?.fence ?? null })));
});
