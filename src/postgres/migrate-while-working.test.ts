/** Rolling upgrades: programs of an earlier version on a newer database, and work that goes on while one is migrated. */
import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../test/postgres.ts';
import { appended, freshStream, unitFor } from '../journal/contract-harness.ts';
import { verifyChain } from '../journal/hash-chain.ts';
import type { Journal } from '../journal/journal.ts';
import { connectClient } from './connect.ts';
import { openPostgresJournal } from './journal.ts';
import { migrate } from './migrate.ts';
import { MIGRATIONS, type Migration } from './migrations.ts';

let database: TestDatabase;
let client: Client;
let other: Client;

beforeEach(async () => {
  database = await openTestDatabase();
  client = await connectClient(database.url, { applicationName: 'test' });
  other = await connectClient(database.url, { applicationName: 'test' });
});
afterEach(async () => {
  await client.end();
  await other.end();
  await database.close();
});

/** One that a later version might bring: it touches every table, in an order that nobody else takes them. */
function later(oldestProgram: number): Migration {
  const sql = `alter table meshwright.stream add column later int;
    alter table meshwright.inbox add column later int;
    alter table meshwright.event add column later int;
    alter table meshwright.claim_unit add column later int;
    alter table meshwright.journal_head add column later int;`;
  return { sql, oldestProgram };
}

describe('an earlier program on a newer database', () => {
  it('goes on when every later migration says so', async () => {
    const first = MIGRATIONS.slice(0, 1);
    expect(await migrate(client, first)).toEqual({ from: MIGRATIONS.length, to: MIGRATIONS.length });
    await migrate(client, [...MIGRATIONS, later(1)]);
    expect(await migrate(client)).toMatchObject({ to: MIGRATIONS.length + 1 });
    const journal = await openPostgresJournal({ url: database.url });
    try {
      expect(appended(await journal.append(unitFor(freshStream())))).toHaveLength(1);
    } finally {
      await journal.close();
    }
  });

  it('is refused when one of them says that it cannot, whatever the last one says', async () => {
    await migrate(client, [
      ...MIGRATIONS,
      later(MIGRATIONS.length + 1),
      { sql: 'select 1', oldestProgram: 1 },
    ]);
    await expect(migrate(client)).rejects.toMatchObject({ code: 'database_newer', exitCode: 2 });
    const { rows } = await client.query('select max(number) from meshwright.migration');
    expect(rows).toEqual([{ max: MIGRATIONS.length + 2 }]);
  });

  /** What the program of schema 1 sends: its statements, word for word. */
  it('of schema 1 works side by side with one of today: claims, messages, blobs', async () => {
    const journal = await openPostgresJournal({ url: database.url });
    try {
      const stream = freshStream();
      appended(await journal.append(unitFor(stream)));
      const post = 'select meshwright.post($1, $2, $3, $4, $5, $6) as posted';
      const posted = await client.query(post, ['p', stream, 'm1', 'note', 'person:ada', '{}']);
      expect(posted.rows).toEqual([{ posted: true }]);
      const claim = 'select * from meshwright.claim($1, $2, $3, $4, $5)';
      const old = await client.query(claim, [stream, 'p', 'old', 'here', 60_000]);
      expect(old.rows).toMatchObject([{ unit: stream, project: 'p' }]);
      const request = { owner: 'new', host: 'here', leaseMs: 60_000, project: 'p' };
      expect(await journal.claimUnit(stream, request)).toBeUndefined();
      await client.query('update meshwright.claim_unit set owner = null where id = $1', [stream]);
      expect((await journal.claimUnit(stream, request))?.fence).toBeGreaterThan(old.rows[0].fence);
      expect(await journal.inbox(stream)).toMatchObject([{ id: 'm1' }]);
      const blob = 'insert into meshwright.blob (hash, bytes) values ($1, $2) on conflict (hash) do nothing';
      await client.query(blob, ['a'.repeat(64), Buffer.from('old')]);
      expect(await journal.getBlob('a'.repeat(64) as never)).toEqual(new Uint8Array(Buffer.from('old')));
    } finally {
      await journal.close();
    }
  });
});

describe('a migration while workers work', () => {
  it('lets every append, message and claim through, and all of them are whole', async () => {
    const journal = await openPostgresJournal({ url: database.url });
    const end = new AbortController();
    const writers = Array.from({ length: 6 }, () => writeUntil(journal, end.signal));
    const claiming = claimUntil(journal, end.signal);
    try {
      const versions = MIGRATIONS.length;
      await written(journal, 50);
      expect(await migrate(client, [...MIGRATIONS, later(1)])).toEqual({ from: versions, to: versions + 1 });
      const head = await journal.head();
      await written(journal, head + 50);
      end.abort();
      const streams = await Promise.all(writers);
      expect(await claiming).toBeGreaterThan(0);
      for (const { stream, count } of streams) {
        const events = await journal.read(stream);
        expect(events).toHaveLength(count);
        expect(verifyChain(events)).toEqual({ isIntact: true });
      }
    } finally {
      end.abort();
      await Promise.allSettled([...writers, claiming]);
      await journal.close();
    }
  });

  it('waits for somebody who holds what it needs and needs what it would hold, and neither fails', async () => {
    // Slow between two tables, so that whoever waits meanwhile looks for a deadlock just when there would be one.
    const sql = `alter table meshwright.claim_unit add column later int;
      select pg_sleep(0.9); alter table meshwright.inbox add column later int;`;
    await other.query('begin');
    await other.query('select 1 from meshwright.inbox limit 1');
    const migrating = migrate(client, [...MIGRATIONS, { sql, oldestProgram: 1 }]);
    await isUnderWay();
    await other.query("update meshwright.claim_unit set host = 'here'");
    await other.query(
      "insert into meshwright.inbox (stream, id, kind, actor, at) values ('s', 'i', 'k', 'a', now())",
    );
    await other.query('commit');
    expect(await migrating).toMatchObject({ to: MIGRATIONS.length + 1 });
    const { rows } = await other.query('select stream from meshwright.inbox');
    expect(rows).toEqual([{ stream: 's' }]);
  });

  it('leaves nothing behind when it fails half way, and runs whole the next time', async () => {
    const broken = { sql: 'alter table meshwright.event add column half int; select 1/0', oldestProgram: 1 };
    await expect(migrate(client, [...MIGRATIONS, broken])).rejects.toThrow('division by zero');
    expect(await migrate(client)).toMatchObject({ to: MIGRATIONS.length });
    expect(await migrate(client, [...MIGRATIONS, later(1)])).toMatchObject({ to: MIGRATIONS.length + 1 });
  });

  /** It waits for a lock, or has its locks and sleeps. */
  async function isUnderWay(): Promise<void> {
    const look = `select 1 from pg_stat_activity
      where datname = current_database() and wait_event_type in ('Lock', 'Timeout')`;
    while ((await other.query(look)).rows.length === 0) await other.query('select 1');
  }
});

async function writeUntil(journal: Journal, end: AbortSignal) {
  const stream = freshStream();
  let count = 0;
  while (!end.aborted) {
    const posts = [{ stream: freshStream(), id: randomUUID(), kind: 'note', actor: 'mesh', data: {} }];
    count += appended(await journal.append(unitFor(stream, count, { posts }))).length;
  }
  return { stream, count };
}

/** Takes and gives back units by the way that reads other tables before the head. */
async function claimUntil(journal: Journal, end: AbortSignal): Promise<number> {
  let count = 0;
  while (!end.aborted) {
    const claim = await journal.claim({ owner: 'w', host: 'h', leaseMs: 60_000 });
    if (!claim) continue;
    count += 1;
    await journal.release(claim, null);
  }
  return count;
}

async function written(journal: Journal, count: number): Promise<void> {
  while ((await journal.head()) < count) await journal.head();
}
