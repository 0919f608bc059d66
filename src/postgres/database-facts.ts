/** What a report says of a database: its version, sizes and settings. No row of any table, no name of a person. */
import { connectClient } from './connect.ts';

export interface DatabaseFacts {
  serverVersion: string;
  sizeBytes: number;
  migrations: number[];
  /** Rows by the server's own estimate, and bytes with indexes. */
  tables: { name: string; rows: number; bytes: number }[];
  settings: Record<string, string>;
  /** Open sessions by what they call themselves. */
  sessions: Record<string, number>;
}

const SETTINGS = [
  'fsync',
  'synchronous_commit',
  'full_page_writes',
  'max_connections',
  'server_encoding',
  'TimeZone',
];

export async function readDatabaseFacts(url: string): Promise<DatabaseFacts> {
  const client = await connectClient(url, { applicationName: 'meshwright report' });
  const read = async <T extends object>(sql: string, values: unknown[] = []) =>
    (await client.query<T>(sql, values)).rows;
  try {
    const [server] = await read<{ version: string; size: number }>(
      "select current_setting('server_version') as version, pg_database_size(current_database()) as size",
    );
    const migrations = await read<{ number: number }>(
      'select number from meshwright.migration order by number',
    );
    const tables = await read<{ name: string; rows: number; bytes: number }>(
      `select c.relname as name, greatest(c.reltuples, 0)::bigint as rows, pg_total_relation_size(c.oid) as bytes
       from pg_class c where c.relnamespace = 'meshwright'::regnamespace and c.relkind = 'r' order by c.relname`,
    );
    const settings = await read<{ name: string; setting: string }>(
      'select name, setting from pg_settings where name = any($1) order by name',
      [SETTINGS],
    );
    const sessions = await read<{ name: string; count: number }>(
      `select regexp_replace(application_name, ' [0-9a-f-]{36}$', '') as name, count(*) as count
       from pg_stat_activity where datname = current_database() and application_name like 'meshwright%' group by 1`,
    );
    return {
      serverVersion: server?.version ?? 'unknown',
      sizeBytes: server?.size ?? 0,
      migrations: migrations.map(({ number }) => number),
      tables,
      settings: Object.fromEntries(settings.map(({ name, setting }) => [name, setting])),
      sessions: Object.fromEntries(sessions.map(({ name, count }) => [name, count])),
    };
  } finally {
    await client.end();
  }
}
