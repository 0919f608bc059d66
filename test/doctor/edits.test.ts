/**
 * Whatever is edited in a table of the journal, `doctor --verify` finds and names it. Every column of every table is
 * classified here; a new one fails until somebody says whether it carries truth.
 */

import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectClient } from '../../src/postgres/connect.ts';
import { openPostgresJournal } from '../../src/postgres/journal.ts';
import { openTestDatabase, type TestDatabase } from '../postgres.ts';
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

/** What one wrong value of a column must make the verification say; null: the column carries no truth (docs/doctor.md). */
interface Edit {
  /** SET clause and WHERE; `$table` stands before it. */
  sql: string;
  finds: RegExp;
}
type Columns = Readonly<Record<string, Edit | null>>;

const agentVersion2 = "where stream like 'agent:%' and version = 2";
const edit = (sql: string, finds: RegExp): Edit => ({ sql, finds });
const changed = /agent:.+ version 2: its content does not match its hash/;

const classified: Readonly<Record<string, Columns>> = {
  migration: {
    number: edit('set number = 77 where number = 1', /migration 1: is not recorded/),
    oldest_program: edit(
      'set oldest_program = 0 where number = 2',
      /migration 2: says that programs from 0 on/,
    ),
    at: null,
  },
  journal_head: {
    id: null,
    position: edit('set position = position + 1', /journal_head: says position \d+; the last event is at/),
    fence: edit('set fence = fence + 1', /journal_head: says fence \d+; the highest of a claim unit/),
  },
  claim_unit: {
    id: edit(
      "set id = 'cluster:orders-api/other' where id like 'cluster:%'",
      /claim unit cluster:orders-api\/main/,
    ),
    project: edit(
      "set project = 'q' where id like 'mesh:%'",
      /claim unit mesh:orders-api: is stored under project q/,
    ),
    fence: edit(
      "set fence = 1 where id like 'mesh:%'",
      /claim unit mesh:orders-api: has fence 1; it had \d+ when/,
    ),
    owner: null,
    host: null,
    lease_until: null,
    wake_at: null,
    request: null,
  },
  stream: {
    id: edit(
      "set id = 'agent:orders-api/9' where id like 'agent:%'",
      /agent:orders-api\/1.*: has events and no head/,
    ),
    project: edit(
      "set project = 'q' where id like 'agent:%'",
      /agent:.+: its head is stored under project q/,
    ),
    claim_unit: edit(
      "set claim_unit = 'mesh:orders-api' where id like 'agent:%'",
      /agent:.+: belongs to claim unit mesh/,
    ),
    version: edit(
      "set version = version - 1 where id like 'agent:%'",
      /agent:.+ version 8: is after the end of its stream/,
    ),
    last_hash: edit(
      "set last_hash = sha256(last_hash) where id like 'agent:%'",
      /agent:.+: its head's hash is not that/,
    ),
    last_at: edit(
      "set last_at = last_at + '1 microsecond' where id like 'agent:%'",
      /agent:.+: its head's time/,
    ),
  },
  event: {
    position: edit('set position = 1000 where position = 18', /item:orders-api\/1 version 5: its content/),
    stream: edit(
      `set stream = 'agent:orders-api/1/x' ${agentVersion2}`,
      /agent:orders-api\/1\/x: has events and no head/,
    ),
    version: edit(
      `set version = 99 ${agentVersion2}`,
      /agent:.+ version 99: versions 2 to 98 are missing before it/,
    ),
    project: edit(`set project = 'q' ${agentVersion2}`, /agent:.+ version 2: is stored under project q/),
    unit: edit(`set unit = gen_random_uuid() ${agentVersion2}`, changed),
    at: edit(`set at = at + '1 microsecond' ${agentVersion2}`, changed),
    kind: edit(`set kind = 'agent.seated' ${agentVersion2}`, changed),
    schema: edit(`set schema = 2 ${agentVersion2}`, changed),
    actor: edit(`set actor = 'person:eve' ${agentVersion2}`, changed),
    // The meaning is the same; the text is not.
    data: edit(`set data = (data::text || ' ')::json ${agentVersion2}`, changed),
    hash: edit(`set hash = sha256(hash) ${agentVersion2}`, changed),
  },
  inbox: {
    seq: null,
    stream: null,
    id: null,
    kind: null,
    actor: null,
    data: null,
    at: null,
    is_consumed: null,
    request: null,
  },
  account: {
    id: edit("set id = 'item:orders-api/2' where id like 'item:%'", /account item:orders-api\/1: is missing/),
    project: edit(
      "set project = 'q' where id like 'item:%'",
      /account item:orders-api\/1: its project is "q"/,
    ),
    ceiling_micro_usd: edit(
      "set ceiling_micro_usd = 99000000 where id like 'item:%'",
      /account item:orders-api\/1: its ceilingMicroUsd is 99000000; the events say 2000000/,
    ),
    spent_micro_usd: edit(
      "set spent_micro_usd = spent_micro_usd - 1 where id like 'item:%'",
      /account item:orders-api\/1: its spentMicroUsd is 52344; the events say 52345/,
    ),
    reserved_micro_usd: edit(
      "set reserved_micro_usd = 0 where id like 'item:%'",
      /account item:orders-api\/1: its reservedMicroUsd is 0; the events say 40000/,
    ),
  },
  reservation: {
    id: edit("set id = 'call-9' where id = 'call-1'", /reservation call-1: is missing/),
    project: edit("set project = 'q' where id = 'call-1'", /reservation call-1: its project is "q"/),
    accounts: edit("set accounts = accounts[2:2] where id = 'call-4'", /reservation call-4: its accounts is/),
    amount_micro_usd: edit(
      "set amount_micro_usd = 1 where id = 'call-4'",
      /reservation call-4: its amountMicroUsd is 1/,
    ),
    state: edit("set state = 'released' where id = 'call-4'", /reservation call-4: its state is "released"/),
    settled_micro_usd: edit(
      "set settled_micro_usd = 0 where id = 'call-1'",
      /reservation call-1: its settledMicroUsd is 0/,
    ),
    stream: edit(
      "set stream = 'agent:orders-api/9' where id = 'call-4'",
      /reservation call-4: its stream is/,
    ),
    fence: edit("set fence = 1000 where id = 'call-4'", /claim unit cluster:.+ was written under 1000/),
  },
  blob: {
    hash: edit("set hash = repeat('0', 64) where bytes like 'Export%'", /blob 0{64}: its bytes are others/),
    bytes: edit(
      "set bytes = bytes || '!' where bytes like 'Export%'",
      /its bytes are others.*; item:orders-api\/1 version 1/,
    ),
    put_at: null,
  },
  snapshot: {
    stream: edit("set stream = 'mesh:q'", /snapshot of mesh:q: is of a stream that does not exist/),
    version: edit(
      'set version = 1',
      /snapshot of mesh:orders-api: is not what its events fold to at version 1/,
    ),
    // Another hash only puts the snapshot out of use.
    reducer_hash: null,
    state: edit(`set state = '{"count":3}'`, /snapshot of mesh:orders-api: is not what its events fold to/),
  },
};

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
