/**
 * Finds out that a transaction pooler (PgBouncer and the like) stands between us and PostgreSQL. Behind one, LISTEN,
 * session settings and prepared statements silently go to some other session, so it is refused.
 */
import { MeshwrightError } from '../base/errors.ts';

/** What is needed of a client; pg's has it. */
export interface PidSession {
  query(sql: string): Promise<{ rows: { pid?: number }[] }>;
}

/**
 * While `second` holds a transaction open, `first` must still have the server process it had before: a pooler lends
 * that process to the transaction and gives `first` another.
 * @throws MeshwrightError `database_pooler`.
 */
export async function refuseTransactionPooler(first: PidSession, second: PidSession): Promise<void> {
  const before = await backendPid(first);
  await second.query('begin');
  try {
    const other = await backendPid(second);
    const after = await backendPid(first);
    if (before === after && after !== other) return;
  } finally {
    await second.query('rollback');
  }
  throw new MeshwrightError(
    'database_pooler',
    'DATABASE_URL leads to a transaction pooler, which hands one session to several clients.',
    { hint: 'Use the address of PostgreSQL itself, or a pool in session mode.', exitCode: 2 },
  );
}

async function backendPid(session: PidSession): Promise<number> {
  const { rows } = await session.query('select pg_backend_pid() as pid');
  const pid = rows[0]?.pid;
  if (pid === undefined) throw new Error('pg_backend_pid() returned nothing');
  return pid;
}
