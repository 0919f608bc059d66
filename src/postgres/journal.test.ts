import { setTimeout as delay } from 'node:timers/promises';
import { openTestDatabase } from '../../test/postgres.ts';
import { describeJournal } from '../journal/journal-contract.ts';
import { openPostgresJournal } from './journal.ts';

describeJournal('PostgreSQL', async () => {
  const database = await openTestDatabase();
  const journal = await openPostgresJournal({ url: database.url });
  const other = await openPostgresJournal({ url: database.url });
  return {
    journal,
    other,
    passTime: (ms) => delay(ms),
    close: async () => {
      await Promise.all([journal.close(), other.close()]);
      await database.close();
    },
  };
});
