/**
 * Whatever is edited in a table of the journal, `doctor --verify` finds and names it. Every column of every table is
 * classified here; a new one fails until somebody says whether it carries truth.
 */
import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectClient } from '../../src/postgres/connect.ts';
import { openPostgresJournal } from '../../src/postgres/journal.ts';
import { openTestDatabase, type TestDatabase } from '../postgres.ts';
import { agentVersion2, classified } from './classified-columns.ts';
import { fillSampleJournal } from './sample-journal.ts';
import { verifyDatabase } from './verify-sample.ts';

let database: TestDatabase;
let client: Client;
beforeAll(async () => {
  database = await openTestDatabase();
  const journal = await openPostgresJournal({ url: database.url });
  await fillSampleJournal(journal);
  await journal.close();
  client = await connectClient(database.url, { applicationName: 'meshwright test' });
});
afterAll(async () => {
  await client?.end();
  await database?.close();
});

/** Found or not, the database is as before. */
async function damageAfter(sql: string): Promise<string[]> {
  await client.query('create table if not exists public.kept (name text)');
  const tables = Object.keys(classified);
  for (const table of tables)
    await client.query(`create table public.kept_${table} as table meshwright.${table}`);
  try {
    const { rowCount } = await client.query(sql);
    expect(rowCount, `${sql} changed nothing`).toBeGreaterThan(0);
    const { damage } = await verifyDatabase(database.url);
    return damage.map(({ place, text }) => `${place}: ${text}`);
  } finally {
    for (const table of tables) {
      await client.query(`delete from meshwright.${table}`);
      await client.query(
        `insert into meshwright.${table} overriding system value select * from public.kept_${table}`,
      );
      await client.query(`drop table public.kept_${table}`);
    }
  }
}

const edits = Object.entries(classified).flatMap(([table, columns]) =>
  Object.entries(columns).flatMap(([column, each]) =>
    each ? [{ table, name: `${table}.${column}`, ...each }] : [],
  ),
);

describe('an edit in the tables', { timeout: 120_000 }, () => {
  test('every column of the schema is classified, and no other', async () => {
    const { rows } = await client.query<{ table: string; column: string }>(
      `select c.table_name as table, c.column_name as column from information_schema.columns c
       join information_schema.tables t using (table_schema, table_name)
       where c.table_schema = 'meshwright' and t.table_type = 'BASE TABLE'`,
    );
    const found = rows.map(({ table, column }) => `${table}.${column}`).sort();
    const known = Object.entries(classified).flatMap(([table, columns]) =>
      Object.keys(columns).map((column) => `${table}.${column}`),
    );
    expect(found).toEqual(known.sort());
  });

  test('nothing is found where nothing was edited', async () => {
    const verified = await verifyDatabase(database.url);
    expect(verified.damage).toEqual([]);
    expect(verified).toMatchObject({ events: 18, snapshots: 1, blobs: 3, unnamedBlobs: 0, retiredBlobs: 0 });
  });

  test.each(edits)('of $name is found', async ({ table, sql, finds }) => {
    expect(await damageAfter(`update meshwright.${table} ${sql}`)).toContainEqual(
      expect.stringMatching(finds),
    );
  });

  const rows: [name: string, sql: string, finds: RegExp][] = [
    [
      'an event from the middle',
      `delete from meshwright.event ${agentVersion2}`,
      /version 3: version 2 is missing before it/,
    ],
    [
      'the last event',
      'delete from meshwright.event where position = 18',
      /item:orders-api\/1: ends at version 4; its head says 5/,
    ],
    [
      'a stream head',
      "delete from meshwright.stream where id like 'agent:%'",
      /agent:.+: has events and no head/,
    ],
    [
      'all of a stream',
      "delete from meshwright.event where stream like 'target:%'",
      /target:.+ and it has no events/,
    ],
    ['the head of the journal', 'delete from meshwright.journal_head', /journal_head: is missing/],
    [
      'a claim unit',
      "delete from meshwright.claim_unit where id like 'cluster:%'",
      /belongs to claim unit cluster:.+ does not exist/,
    ],
    ['an account', "delete from meshwright.account where id like 'agent:%'", /account agent:.+: is missing/],
    [
      'a reservation',
      "delete from meshwright.reservation where id = 'call-4'",
      /reservation call-4: is missing/,
    ],
    [
      'a blob',
      "delete from meshwright.blob where bytes like 'Export%'",
      /blob .+: is missing; item:orders-api\/1 version 1/,
    ],
    ['a migration', 'delete from meshwright.migration where number = 1', /migration 1: is not recorded/],
  ];
  test.each(rows)('that deletes %s is found', async (_, sql, finds) => {
    expect(await damageAfter(sql)).toContainEqual(expect.stringMatching(finds));
  });

  const additions: [name: string, sql: string, finds: RegExp][] = [
    [
      'a copy of an event at the end',
      `insert into meshwright.event select 19, stream, 9, project, unit, at, kind, schema, actor, data, hash
       from meshwright.event ${agentVersion2}`,
      /agent:.+ version 9: (its content|is after the end)/,
    ],
    [
      'a forged event with a chain of its own',
      `insert into meshwright.event select position + 1, stream, version + 1, project, gen_random_uuid(), at,
         'item.accepted', 1, 'person:ada', '{"by":"ada","commit":"c9"}', sha256(hash)
       from meshwright.event where stream like 'item:%' and version = 5`,
      /item:orders-api\/1 version 6: its content does not match/,
    ],
    [
      'an account',
      "insert into meshwright.account select 'item:orders-api/2', project, null, 0, 0 from meshwright.account limit 1",
      /account item:orders-api\/2: no event says/,
    ],
    [
      'a reservation',
      `insert into meshwright.reservation select 'call-9', project, accounts, 1, 'settled', 1, stream, fence
       from meshwright.reservation limit 1`,
      /reservation call-9: no event says/,
    ],
    [
      'a stream head',
      `insert into meshwright.stream select 'item:orders-api/2', project, claim_unit, 3, last_hash, last_at
       from meshwright.stream limit 1`,
      /item:orders-api\/2: its head is at version 3 and it has no events/,
    ],
  ];
  test.each(additions)('that adds %s is found', async (_, sql, finds) => {
    expect(await damageAfter(sql)).toContainEqual(expect.stringMatching(finds));
  });

  test('two events that changed places are found', async () => {
    const swap = `update meshwright.event e set kind = o.kind, data = o.data, actor = o.actor, hash = o.hash
      from meshwright.event o where e.stream = o.stream and e.stream like 'agent:%'
      and e.version in (3, 5) and o.version = 8 - e.version`;
    const damage = await damageAfter(swap);
    for (const version of [3, 5]) {
      expect(damage).toContainEqual(expect.stringMatching(new RegExp(`version ${version}: its content`)));
    }
  });
});
