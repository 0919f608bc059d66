/** Brings a database's `meshwright` schema to this version: forward only, one command at a time, never a newer one. */
import type { ClientBase } from 'pg';
import { MeshwrightError } from '../base/errors.ts';
import { SCHEMA_1 } from './schema-1.ts';
import { REQUESTS_OF_CLAIMS } from './schema-2-claims.ts';

/** Number n at index n - 1. A released one is never edited; a change is a new one. */
const MIGRATIONS: readonly string[] = [SCHEMA_1, REQUESTS_OF_CLAIMS];

/** The schema that this version works with. */
export const migrationCount = MIGRATIONS.length;

/** Any constant: taken by every Meshwright that migrates, by nobody else. */
const MIGRATION_LOCK = 7_306_191_884;

/**
 * Runs what is missing, in one transaction. The client must hold a session of its own.
 * @throws MeshwrightError `database_newer` when the database was migrated by a later Meshwright.
 */
export async function migrate(client: ClientBase): Promise<{ from: number; to: number }> {
  // Most starts find nothing to do: they need no lock, and no right to create anything.
  const found = await readVersion(client);
  if (found === MIGRATIONS.length) return { from: found, to: found };
  // Before the transaction, not in it: only a transaction that begins afterwards surely sees what another one made.
  await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
  try {
    await client.query('begin');
    const from = await runMissing(client);
    await client.query('commit');
    return { from, to: MIGRATIONS.length };
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error;
  } finally {
    await client.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => {});
  }
}

/** Returns the version that it found. */
async function runMissing(client: ClientBase): Promise<number> {
  await client.query('create schema if not exists meshwright');
  await client.query(
    'create table if not exists meshwright.migration (number int primary key, at timestamptz not null default now())',
  );
  const from = await readVersion(client);
  if (from > MIGRATIONS.length) throw newerDatabase(from);
  for (const [index, sql] of MIGRATIONS.entries()) {
    if (index < from) continue;
    await client.query(sql);
    await client.query('insert into meshwright.migration (number) values ($1)', [index + 1]);
  }
  return from;
}

async function readVersion(client: ClientBase): Promise<number> {
  const table = await client.query<{ found: boolean }>(
    `select to_regclass('meshwright.migration') is not null as found`,
  );
  if (!table.rows[0]?.found) return 0;
  const { rows } = await client.query<{ number: number }>(
    'select coalesce(max(number), 0)::int as number from meshwright.migration',
  );
  return rows[0]?.number ?? 0;
}

function newerDatabase(found: number): MeshwrightError {
  return new MeshwrightError(
    'database_newer',
    `The database is at schema ${found}; this Meshwright knows up to ${MIGRATIONS.length}.`,
    { hint: 'Update Meshwright, or point DATABASE_URL at another database.', exitCode: 2 },
  );
}
