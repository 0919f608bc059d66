/** Verifies an export: every byte of the file, and everything that its rows say. */
import type { Damage } from '../journal/journal-record.ts';
import { type ExportFile, type OpenBytes, readExport } from '../journal/read-export.ts';
import { type JournalMeaning, type Verification, verifyJournal } from '../journal/verify-journal.ts';

export interface ExportVerification extends Omit<ExportFile, 'damage'> {
  /** Of the file, then of what is in it. */
  damage: Damage[];
  /** Null when the file does not begin as an export, or was cut off. */
  verification: Verification | null;
}

export async function verifyExport(open: OpenBytes, meaning: JournalMeaning): Promise<ExportVerification> {
  const file = await readExport(open);
  // Of a file that was cut off, everything that follows from its missing part would be named as well.
  const verification = file.header && !file.isCutOff ? await verifyJournal(file.rows, meaning) : null;
  return { ...file, damage: [...file.damage, ...(verification?.damage ?? [])], verification };
}
