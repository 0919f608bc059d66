/** Verifies a test database with everything that `doctor --verify` knows, and the sample's own reducer. */
import { type Verification, verifyJournal } from '../../src/journal/verify-journal.ts';
import { type OpenRows, openJournalRows } from '../../src/postgres/journal-rows.ts';
import { journalMeaning } from '../../src/views/journal-meaning.ts';
import { countingReducer } from './sample-journal.ts';

export const meaning = { ...journalMeaning, reducers: [...journalMeaning.reducers, countingReducer] };

export async function withRows<T>(
  url: string,
  use: (rows: OpenRows['rows']) => Promise<T>,
  options: Parameters<typeof openJournalRows>[1] = { project: null, blobs: 'hashes' },
): Promise<T> {
  const opened = await openJournalRows(url, options);
  try {
    return await use(opened.rows);
  } finally {
    await opened.close();
  }
}

export function verifyDatabase(url: string): Promise<Verification> {
  return withRows(url, (rows) => verifyJournal(rows, meaning));
}
