/**
 * Puts the tables of a backup into a database that has none, in one transaction, and makes sure that nobody who worked
 * before can go on as if nothing had happened: leases are void and fences are far above every old one.
 */
import { createReadStream } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { StringDecoder } from 'node:string_decoder';
import { createGunzip } from 'node:zlib';
import type { Client } from 'pg';
import { MeshwrightError } from '../base/errors.ts';
import { type BackupManifest, damaged, newerBackup } from './backup-manifest.ts';
import { migrate } from './migrate.ts';
import { MIGRATIONS } from './migrations.ts';
import { readTables, type Table, textSettings } from './table-columns.ts';

const INSERT_BYTES = 4_000_000;
const INSERT_ROWS = 5_000;
/** More claims than were ever made between a backup and the end of the last worker that ran on the original. */
const FENCE_GAP = 1_000_000;

/**
 * The schema of the backup's version is made first, then migrated to this one's.
 * @throws MeshwrightError `restore_not_empty`, `backup_newer`, `backup_damaged`.
 */
export async function restoreTables(client: Client, folder: string, manifest: BackupManifest): Promise<void> {
  if (manifest.schema > MIGRATIONS.length) throw newerBackup(folder, `database schema ${manifest.schema}`);
  await dropEmptySchema(client);
  await migrate(client, MIGRATIONS.slice(0, manifest.schema));
  await client.query('begin');
  try {
    await client.query(textSettings);
    const tables = (await readTables(client)).filter(({ name }) => name !== 'migration');
    await client.query(
      `lock table ${tables.map(({ sqlName }) => sqlName).join(', ')} in access exclusive mode`,
    );
    if ((await isInUse(client)) || (await readSchema(client)) !== manifest.schema) throw notEmpty();
    for (const table of tables) await client.query(`delete from ${table.sqlName}`);
    for (const { name, file, rows } of manifest.tables) {
      const table = tables.find((each) => each.name === name);
      if (!table) throw damaged(folder, `it has a table ${name} that schema ${manifest.schema} has not`);
      const count = await insertRows(client, table, path.join(folder, file));
      if (count !== rows) throw damaged(folder, `${file} has ${count} rows instead of ${rows}`);
    }
    await resumeSequences(client, tables);
    await voidLeases(client);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error;
  }
  await migrate(client);
}

/** What an earlier start, or an earlier restore that was cut off, has made and nobody has written to. */
async function dropEmptySchema(client: Client): Promise<void> {
  const { rows } = await client.query(`select from pg_namespace where nspname = 'meshwright'`);
  if (rows.length === 0) return;
  await client.query('begin');
  try {
    if (await isInUse(client)) throw notEmpty();
    await client.query('drop schema meshwright cascade');
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error;
  }
}

async function isInUse(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ found: boolean }>(
    `select to_regclass('meshwright.event') is not null as found`,
  );
  if (!rows[0]?.found) return false;
  const used = await client.query<{ used: boolean }>(
    `select exists (select from meshwright.event) or exists (select from meshwright.inbox)
       or exists (select from meshwright.blob) or exists (select from meshwright.claim_unit) as used`,
  );
  return used.rows[0]?.used ?? true;
}

async function readSchema(client: Client): Promise<number> {
  const { rows } = await client.query<{ number: number }>(
    'select max(number) as number from meshwright.migration',
  );
  return rows[0]?.number ?? 0;
}

/** Names of tables and columns are the database's own, never the file's. Returns how many rows there were. */
async function insertRows(client: Client, table: Table, file: string): Promise<number> {
  let columns: Table['columns'] | null = null;
  let batch: (string | null)[][] = [];
  let bytes = 0;
  let count = 0;
  const flush = async (): Promise<void> => {
    if (columns && batch.length > 0) await insertBatch(client, table, columns, batch);
    count += batch.length;
    batch = [];
    bytes = 0;
  };
  await pipeline(createReadStream(file), createGunzip(), async (chunks: AsyncIterable<Buffer>) => {
    for await (const line of splitLines(chunks)) {
      const row = JSON.parse(line) as (string | null)[];
      if (columns === null) {
        columns = row.map((name) => columnOf(table, name));
        continue;
      }
      batch.push(row);
      bytes += line.length;
      if (bytes > INSERT_BYTES || batch.length >= INSERT_ROWS) await flush();
    }
  });
  await flush();
  return count;
}

async function* splitLines(chunks: AsyncIterable<Buffer>): AsyncIterable<string> {
  const decoder = new StringDecoder('utf8');
  let pieces: string[] = [];
  for await (const chunk of chunks) {
    const [first = '', ...others] = decoder.write(chunk).split('\n');
    pieces.push(first);
    for (const next of others) {
      yield pieces.join('');
      pieces = [next];
    }
  }
}

function columnOf(table: Table, name: string | null): Table['columns'][number] {
  const column = table.columns.find((each) => each.name === name);
  if (!column) throw new Error(`the backup has a column ${table.name}.${name} that the database has not`);
  return column;
}

async function insertBatch(
  client: Client,
  table: Table,
  columns: Table['columns'],
  rows: (string | null)[][],
): Promise<void> {
  const names = columns.map(({ sqlName }) => sqlName).join(', ');
  const values = columns.map(({ type }, index) => `c${index}::${type}`).join(', ');
  const arrays = columns.map((_, index) => `$${index + 1}::text[]`).join(', ');
  const aliases = columns.map((_, index) => `c${index}`).join(', ');
  await client.query(
    `insert into ${table.sqlName} (${names}) overriding system value
     select ${values} from unnest(${arrays}) as given (${aliases})`,
    columns.map((_, index) => rows.map((row) => row[index] ?? null)),
  );
}

async function resumeSequences(client: Client, tables: readonly Table[]): Promise<void> {
  for (const { sqlName, columns } of tables) {
    for (const column of columns.filter(({ isIdentity }) => isIdentity)) {
      await client.query(
        `select setval(pg_get_serial_sequence($1, $2), greatest(max(${column.sqlName}), 1), max(${column.sqlName}) is not null)
         from ${sqlName}`,
        [sqlName, column.name],
      );
    }
  }
}

/** What was owned is due at once. A unit that was never claimed keeps fence 0: everybody may append to its streams. */
async function voidLeases(client: Client): Promise<void> {
  await client.query(
    `update meshwright.claim_unit set fence = fence + $1, owner = null, host = null, lease_until = null,
       wake_at = case when owner is null then wake_at else clock_timestamp() end
     where fence > 0`,
    [FENCE_GAP],
  );
  await client.query('update meshwright.journal_head set fence = fence + $1 where fence > 0', [FENCE_GAP]);
}

function notEmpty(): MeshwrightError {
  return new MeshwrightError('restore_not_empty', 'the database is in use: a restore never overwrites one', {
    hint: 'Give MESHWRIGHT_HOME a new folder, or DATABASE_URL an empty database.',
    exitCode: 2,
  });
}
