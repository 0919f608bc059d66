import { expect, it } from 'vitest';
import { openTestDatabase } from '../../test/postgres.ts';
import { connectClient } from './connect.ts';
import { type PidSession, refuseTransactionPooler } from './refuse-pooler.ts';

/** Sessions that share server processes as PgBouncer's transaction mode does: one is held only while in a transaction. */
function pooledSessions(): [PidSession, PidSession] {
  const idle = [101, 102, 103];
  const session = (): PidSession => {
    let held: number | undefined;
    return {
      async query(sql) {
        const pid = held ?? idle.pop() ?? 0;
        if (sql === 'begin') held = pid;
        else if (sql === 'rollback') held = undefined;
        if (held === undefined) idle.push(pid);
        return { rows: [{ pid }] };
      },
    };
  };
  return [session(), session()];
}

it('refuses a transaction pooler', async () => {
  await expect(refuseTransactionPooler(...pooledSessions())).rejects.toMatchObject({
    code: 'database_pooler',
    exitCode: 2,
  });
});

it('accepts PostgreSQL itself', async () => {
  const database = await openTestDatabase();
  const first = await connectClient(database.url, { applicationName: 'test' });
  const second = await connectClient(database.url, { applicationName: 'test' });
  try {
    await refuseTransactionPooler(first, second);
  } finally {
    await Promise.all([first.end(), second.end()]);
    await database.close();
  }
});
