import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../test/postgres.ts';
import { connectClient } from './connect.ts';
import { openPostgresJournal } from './journal.ts';
import { migrate } from './migrate.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

it('brings an empty database to this version once, however many start together, then does nothing', async () => {
  const clients = await Promise.all(
    Array.from({ length: 5 }, () => connectClient(database.url, { applicationName: 'test' })),
  );
  try {
    await clients[0]?.query('drop schema meshwright cascade');
    const runs = await Promise.all(clients.map((client) => migrate(client)));
    expect(runs.map((run) => run.from).toSorted()).toEqual([
      0,
      ...Array.from({ length: 4 }, () => runs[0]?.to),
    ]);
    const numbers = await clients[0]?.query('select number from meshwright.migration order by number');
    expect(numbers?.rows).toEqual(
      Array.from({ length: runs[0]?.to ?? 0 }, (_, index) => ({ number: index + 1 })),
    );
  } finally {
    for (const client of clients) await client.end();
  }
});

it('refuses a database of a newer version and leaves it alone', async () => {
  const client = await connectClient(database.url, { applicationName: 'test' });
  try {
    await client.query('insert into meshwright.migration (number) values (99)');
    await expect(openPostgresJournal({ url: database.url })).rejects.toMatchObject({
      code: 'database_newer',
      exitCode: 2,
    });
  } finally {
    await client.query('delete from meshwright.migration where number = 99');
    await client.end();
  }
});
