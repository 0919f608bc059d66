/** Everything that a verification must know of what events mean, in one value. */
import { itemReducer } from '../items/item-reducer.ts';
import type { JournalMeaning } from '../journal/verify-journal.ts';
import { auditItems } from './audit-items.ts';
import { auditLedger } from './audit-ledger.ts';
import { blobNames } from './blob-names.ts';

export const journalMeaning: JournalMeaning = {
  blobs: blobNames,
  reducers: [itemReducer],
  audits: [auditLedger, auditItems],
};
