/**
 * The database's tables as files: all of one moment, one gzip file a table, a JSON array of column texts a line. Knows
 * tables by what the database says of them, so that a table of a later migration is never forgotten.
 */
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Client } from 'pg';
import { MeshwrightError } from '../base/errors.ts';
import { readTables, type Table, textSettings } from './table-columns.ts';

/** About how much one fetch brings, whatever the size of a row. */
const FETCH_BYTES = 4_000_000;
const MAX_FETCH_ROWS = 5_000;

export interface BackedUpTables {
  at: string;
  schema: number;
  postgres: string;
  events: number;
  tables: { name: string; file: string; rows: number }[];
}

/** Writes `tables/<name>.jsonl.gz` below `folder`. Workers go on; a migration waits until it is done. */
export async function backUpTables(client: Client, folder: string): Promise<BackedUpTables> {
  const names = (await readTables(client)).map(({ sqlName }) => sqlName).join(', ');
  if (names === '') throw nothingThere();
  await client.query('begin isolation level repeatable read read only');
  try {
    // Before anything is selected, which takes the snapshot: no table changes its form after that.
    await client.query(`lock table ${names} in access share mode`);
    await client.query(textSettings);
    const tables = await readTables(client);
    const { rows } = await client.query<Omit<BackedUpTables, 'tables'>>(
      `select meshwright.iso(now()) as at, (select max(number) from meshwright.migration)::int as schema,
         current_setting('server_version') as postgres, (select position from meshwright.journal_head) as events`,
    );
    const head = rows[0];
    if (!head) throw nothingThere();
    const written: BackedUpTables['tables'] = [];
    for (const table of tables) {
      if (table.name === 'migration') continue;
      const file = `tables/${table.name}.jsonl.gz`;
      const count = { rows: 0 };
      await pipeline(
        Readable.from(readLines(client, table, count)),
        createGzip(),
        createWriteStream(path.join(folder, file), { flags: 'wx', mode: 0o600, flush: true }),
      );
      written.push({ name: table.name, file, rows: count.rows });
    }
    return { ...head, tables: written };
  } finally {
    await client.query('rollback').catch(() => {});
  }
}

/** First the names of the columns, then the rows; every value as PostgreSQL writes it as text, or null. */
async function* readLines(client: Client, table: Table, count: { rows: number }): AsyncIterable<string> {
  yield `${JSON.stringify(table.columns.map(({ name }) => name))}\n`;
  const texts = table.columns.map(({ sqlName }) => `${sqlName}::text`).join(', ');
  await client.query(`declare backup no scroll cursor for select ${texts} from ${table.sqlName}`);
  for (let limit = 20; ; ) {
    const { rows } = await client.query<(string | null)[]>({
      text: `fetch ${limit} from backup`,
      rowMode: 'array',
    });
    if (rows.length === 0) break;
    count.rows += rows.length;
    const text = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
    yield text;
    limit = Math.max(1, Math.min(MAX_FETCH_ROWS, Math.floor((FETCH_BYTES * rows.length) / text.length)));
  }
  await client.query('close backup');
}

function nothingThere(): MeshwrightError {
  return new MeshwrightError('backup_nothing', 'there is nothing to back up: the database has no journal', {
    hint: 'Check MESHWRIGHT_HOME and DATABASE_URL; `meshwright doctor` shows both.',
    exitCode: 2,
  });
}
