/**
 * The rows of the journal as they are stored, all as of one moment, for verification and export: one read-only
 * transaction, read in pages. Uses none of the schema's own functions.
 */
import { createHash } from 'node:crypto';
import type { Client } from 'pg';
import type { EventRow, JournalRecord, JournalRows } from '../journal/journal-record.ts';
import { connectClient } from './connect.ts';
import { MIGRATIONS } from './migrations.ts';

const pageSize = 1_000;
const blobPageSize = 20;

export interface OpenRows {
  rows: JournalRows;
  close(): Promise<void>;
}

/** Anything finer than a millisecond shows: nothing that Meshwright stores has it. */
const time = (column: string) =>
  `case when ${column} = date_trunc('milliseconds', ${column})
     then to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') else ${column}::text end`;

const EVENT = `select stream, version, position, project, ${time('at')} as at, kind, schema, actor, unit::text as unit,
  data::text as data, encode(hash, 'hex') as hash from meshwright.event`;

/** Small tables, read whole: each with the key by which it is paged. */
const TABLES: readonly { table: JournalRecord['table']; key: string; sql: string; ofProject: string }[] = [
  {
    table: 'stream',
    key: 'stream',
    sql: `select id as stream, project, claim_unit as "claimUnit", version, encode(last_hash, 'hex') as hash,
      ${time('last_at')} as at from meshwright.stream`,
    ofProject: 'project',
  },
  {
    table: 'claim_unit',
    key: 'unit',
    sql: 'select id as unit, project, fence from meshwright.claim_unit',
    ofProject: 'project',
  },
  {
    table: 'account',
    key: 'account',
    sql: `select id as account, project, ceiling_micro_usd as "ceilingMicroUsd", spent_micro_usd as "spentMicroUsd",
      reserved_micro_usd as "reservedMicroUsd" from meshwright.account`,
    ofProject: 'project',
  },
  {
    table: 'reservation',
    key: 'reservation',
    sql: `select id as reservation, project, accounts, amount_micro_usd as "amountMicroUsd", state,
      settled_micro_usd as "settledMicroUsd", stream, fence from meshwright.reservation`,
    ofProject: 'project',
  },
  {
    table: 'snapshot',
    key: 'stream',
    sql: `select s.stream, s.version, s.reducer_hash as "reducerHash", s.state::text as state,
      coalesce(h.project, '') as project from meshwright.snapshot s left join meshwright.stream h on h.id = s.stream`,
    ofProject: 'project',
  },
];

/**
 * @param options.project only this project's; null: everything.
 * @param options.blobs `hashes`: the database computes what the bytes hash to; `bytes`: they are handed out as well.
 */
export async function openJournalRows(
  url: string,
  options: { project: string | null; blobs: 'hashes' | 'bytes' },
): Promise<OpenRows> {
  const client = await connectClient(url, { applicationName: 'meshwright verify' });
  try {
    await client.query('begin isolation level repeatable read read only');
  } catch (error) {
    await client.end();
    throw error;
  }
  return {
    rows: {
      project: options.project,
      migrations: MIGRATIONS.map(({ oldestProgram }) => oldestProgram),
      eventsOfKind: (kind) => readEvents(client, options.project, kind),
      records: () => readRecords(client, options),
    },
    close: () => client.end(),
  };
}

async function* readRecords(
  client: Client,
  options: { project: string | null; blobs: 'hashes' | 'bytes' },
): AsyncIterable<JournalRecord> {
  const { project } = options;
  const migrations = await client.query(
    'select number, oldest_program as "oldestProgram" from meshwright.migration order by number',
  );
  for (const row of migrations.rows) yield { table: 'migration', row };
  const heads = await client.query('select position, fence from meshwright.journal_head');
  for (const row of heads.rows) yield { table: 'journal_head', row };
  for (const { table, key, sql, ofProject } of TABLES) {
    const text = `select * from (${sql}) t where ($1::text is null or ${ofProject} = $1)
      and ($2::text is null or "${key}" collate "C" > $2) order by "${key}" collate "C" limit ${pageSize}`;
    for (let after: string | null = null; ; ) {
      const { rows }: { rows: Record<string, unknown>[] } = await client.query(text, [project, after]);
      for (const row of rows) {
        if (table === 'snapshot') delete row.project;
        yield { table, row } as unknown as JournalRecord;
      }
      if (rows.length < pageSize) break;
      after = String(rows.at(-1)?.[key]);
    }
  }
  for await (const row of readEvents(client, project, null)) yield { table: 'event', row };
  yield* readBlobs(client, options.blobs);
}

async function* readEvents(
  client: Client,
  project: string | null,
  kind: string | null,
): AsyncIterable<EventRow> {
  const text = `${EVENT} where position > $1 and ($2::text is null or project = $2)
    and ($3::text is null or kind = $3) order by position limit ${pageSize}`;
  for (let after = -1e15; ; ) {
    const { rows } = await client.query<EventRow>(text, [after, project, kind]);
    yield* rows;
    const last = rows.at(-1);
    if (!last || rows.length < pageSize) return;
    after = last.position;
  }
}

/** Hashes are computed where the bytes are, unless the bytes are wanted anyway. */
async function* readBlobs(client: Client, what: 'hashes' | 'bytes'): AsyncIterable<JournalRecord> {
  const limit = what === 'bytes' ? blobPageSize : pageSize;
  const columns =
    what === 'bytes'
      ? 'hash, bytes'
      : `hash, length(bytes) as size, encode(sha256(bytes), 'hex') as "actualHash"`;
  const text = `select ${columns} from meshwright.blob where $1::text is null or hash > $1 order by hash limit ${limit}`;
  for (let after: string | null = null; ; ) {
    const { rows }: { rows: { hash: string; bytes?: Buffer; size?: number; actualHash?: string }[] } =
      await client.query(text, [after]);
    for (const { hash, bytes, size, actualHash } of rows) {
      const row = bytes
        ? {
            hash,
            size: bytes.length,
            actualHash: createHash('sha256').update(bytes).digest('hex'),
            bytes: bytes.toString('base64'),
          }
        : { hash, size: size ?? 0, actualHash: actualHash ?? null, bytes: null };
      yield { table: 'blob', row };
    }
    if (rows.length < limit) return;
    after = rows.at(-1)?.hash ?? null;
  }
}
