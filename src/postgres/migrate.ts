/**
 * Brings a database's `meshwright` schema to this version: forward only, one command at a time, while workers of this
 * and of earlier versions go on. A newer schema is left alone, and worked with where it says that this may be.
 */
import { setTimeout as delay } from 'node:timers/promises';
import pg, { type ClientBase } from 'pg';
import { MeshwrightError } from '../base/errors.ts';
import { MIGRATIONS, type Migration } from './migrations.ts';

/** Any constant: taken by every Meshwright that migrates, by nobody else. */
const MIGRATION_LOCK = 7_306_191_884;

/**
 * Below PostgreSQL's deadlock_timeout of 1 s: whoever would be in a deadlock with a migration never is its victim. Later
 * tries wait beyond it, because only then does PostgreSQL end an autovacuum that is in the way.
 */
const LOCK_WAIT_MS = 300;
const LONG_LOCK_WAIT_MS = 1_500;
const SHORT_TRIES = 20;
const PAUSE_MS = 100;
const TRY_FOR_MS = 60_000;

const LOCK_NOT_AVAILABLE = '55P03';
const DEADLOCK = '40P01';

/**
 * Runs what is missing, in one transaction. The client must hold a session of its own. `migrations`: all, or the first
 * ones only, as an earlier program or an earlier backup has them.
 * @throws MeshwrightError `database_newer` when a later Meshwright migrated it to what this one cannot work with,
 *   `database_busy` when somebody holds its tables for a minute.
 */
export async function migrate(
  client: ClientBase,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<{ from: number; to: number }> {
  // Most starts find nothing to do: they need no lock, and no right to create anything.
  const found = await readSchema(client, migrations.length);
  if (found >= migrations.length) return { from: found, to: found };
  // Before the transaction, not in it: only a transaction that begins afterwards surely sees what another one made.
  await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
  try {
    return await tryUntilFree(client, migrations);
  } finally {
    await client.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => {});
  }
}

async function tryUntilFree(
  client: ClientBase,
  migrations: readonly Migration[],
): Promise<{ from: number; to: number }> {
  const deadline = performance.now() + TRY_FOR_MS;
  for (let tries = 0; ; tries += 1) {
    await client.query('begin');
    try {
      await client.query(
        `set local lock_timeout = ${tries < SHORT_TRIES ? LOCK_WAIT_MS : LONG_LOCK_WAIT_MS}`,
      );
      const from = await runMissing(client, migrations);
      await client.query('commit');
      return { from, to: Math.max(from, migrations.length) };
    } catch (error) {
      await client.query('rollback').catch(() => {});
      const code = error instanceof pg.DatabaseError ? error.code : undefined;
      if (code !== LOCK_NOT_AVAILABLE && code !== DEADLOCK) throw error;
      if (performance.now() > deadline) throw busyDatabase(error);
      await delay(PAUSE_MS);
    }
  }
}

/** Returns the version that it found. */
async function runMissing(client: ClientBase, migrations: readonly Migration[]): Promise<number> {
  await client.query('create schema if not exists meshwright');
  await lockTables(client);
  await client.query(
    'create table if not exists meshwright.migration (number int primary key, at timestamptz not null default now())',
  );
  await client.query('alter table meshwright.migration add column if not exists oldest_program int');
  const from = await readSchema(client, migrations.length);
  for (const [index, { sql, oldestProgram }] of migrations.entries()) {
    if (index < from) continue;
    await client.query(sql);
    await client.query('insert into meshwright.migration (number, oldest_program) values ($1, $2)', [
      index + 1,
      oldestProgram,
    ]);
  }
  return from;
}

/**
 * All at once and before anything is changed: nobody then holds one table that the migration needs while waiting for
 * another that it has. The head first, because that is where appends and claims begin to wait.
 */
async function lockTables(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select format('meshwright.%I', relname) as name from pg_class
     where relnamespace = 'meshwright'::regnamespace and relkind in ('r', 'p')
     order by relname <> 'journal_head', relname`,
  );
  if (rows.length === 0) return;
  await client.query(`lock table ${rows.map(({ name }) => name).join(', ')} in access exclusive mode`);
}

/**
 * Number of the last migration that ran; 0 before the first.
 * @throws MeshwrightError `database_newer` when a program of schema `known` cannot work with it.
 */
async function readSchema(client: ClientBase, known: number): Promise<number> {
  const table = await client.query<{ found: boolean }>(
    `select to_regclass('meshwright.migration') is not null as found`,
  );
  if (!table.rows[0]?.found) return 0;
  // Read as JSON, because the first versions had no such column; what they did not say cannot be relied on.
  const { rows } = await client.query<{ number: number; oldest: number }>(
    `select coalesce(max(number), 0)::int as number,
       coalesce(max(coalesce((to_jsonb(m)->>'oldest_program')::int, number)), 0)::int as oldest
     from meshwright.migration m`,
  );
  const { number = 0, oldest = 0 } = rows[0] ?? {};
  if (number > known && oldest > known) throw newerDatabase(number, known);
  return number;
}

function newerDatabase(found: number, known: number): MeshwrightError {
  return new MeshwrightError(
    'database_newer',
    `The database is at schema ${found}; this Meshwright works with ${known} and what is compatible with it.`,
    { hint: 'Update Meshwright, or point DATABASE_URL at another database.', exitCode: 2 },
  );
}

function busyDatabase(cause: unknown): MeshwrightError {
  return new MeshwrightError(
    'database_busy',
    'The database must be migrated, and somebody has held its tables for a minute.',
    { hint: 'End long transactions on the schema meshwright (see pg_stat_activity) and start again.', cause },
  );
}
