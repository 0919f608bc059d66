/** `doctor --verify`: the journal in the database or in an export, and what was kept of it outside. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { MeshwrightError } from '../../base/errors.ts';
import type { OpenJournal } from '../../compose/project.ts';
import { compareWithExport, compareWithSeal } from '../../journal/compare-journals.ts';
import type { Damage } from '../../journal/journal-record.ts';
import { type OpenBytes, readExport } from '../../journal/read-export.ts';
import { formatSeal, parseSeal } from '../../journal/seal.ts';
import { type Verification, verifyJournal } from '../../journal/verify-journal.ts';
import { journalMeaning } from '../../views/journal-meaning.ts';
import { verifyExport } from '../../views/verify-export.ts';
import type { Examination } from './doctor-examination.ts';

export interface Verdict {
  examinations: Examination[];
  damage: Damage[];
}

const restoreHint =
  'this was changed outside of meshwright, or the disk lost it; keep a copy of the database as it is, then restore a backup';

export async function verifyStore(store: OpenJournal): Promise<Verdict> {
  const opened = await store.openRows({ project: null, blobs: 'hashes' });
  try {
    const verification = await verifyJournal(opened.rows, journalMeaning);
    return { examinations: [examinationOf('journal', verification)], damage: verification.damage };
  } finally {
    await opened.close();
  }
}

function placesOf(count: number): string {
  return count === 1 ? '1 place' : `${count} places`;
}

export async function verifyFile(file: string, dir: string): Promise<Verdict> {
  const { verification, damage, seal, digest } = await verifyExport(
    await openExport(file, dir),
    journalMeaning,
  );
  if (damage.length > 0 || !verification || !seal) {
    const text = `${file} is damaged in ${placesOf(damage.length)}`;
    const fix = 'use another copy of the export; nothing in this one can be relied on';
    return { examinations: [{ name: 'export', result: 'bad', text, fix }], damage };
  }
  const facts: Examination[] = [
    { name: 'digest', result: 'good', text: digest ?? '', fix: null },
    { name: 'seal', result: 'good', text: formatSeal(seal), fix: null },
  ];
  return { examinations: [examinationOf('export', verification), ...facts], damage };
}

/** `kept`: a seal, or the path of an export. @throws MeshwrightError `export_unreadable`, `export_damaged`. */
export async function compareStore(store: OpenJournal, kept: string, dir: string): Promise<Verdict> {
  const seal = parseSeal(kept);
  const file = seal ? null : await readExport(await openExport(kept, dir));
  if (file && file.damage.length > 0) {
    throw new MeshwrightError('export_damaged', `${kept} is damaged, so nothing can be compared with it`, {
      hint: `\`meshwright doctor --verify ${kept}\` says where`,
    });
  }
  const opened = await store.openRows({ project: null, blobs: 'hashes' });
  try {
    const damage = file ? await compareWithExport(opened.rows, file.rows) : [];
    if (seal) damage.push(...(await compareWithSeal(opened.rows, seal)));
    const what = seal ? `the seal of position ${seal.position}` : kept;
    const examination: Examination =
      damage.length === 0
        ? {
            name: 'kept outside',
            result: 'good',
            text: `the journal still holds what ${what} covers`,
            fix: null,
          }
        : {
            name: 'kept outside',
            result: 'bad',
            text: `the journal is not what ${what} covers`,
            fix: restoreHint,
          };
    return { examinations: [examination], damage };
  } finally {
    await opened.close();
  }
}

async function openExport(file: string, dir: string): Promise<OpenBytes> {
  const place = path.resolve(dir, file);
  const facts = await stat(place).catch(() => null);
  if (!facts?.isFile()) {
    throw new MeshwrightError('export_unreadable', `there is no file ${place}`, {
      hint: 'give the path of a file that `meshwright export` wrote',
      exitCode: 2,
    });
  }
  return () => createReadStream(place);
}

function examinationOf(name: string, found: Verification): Examination {
  if (found.damageCount > 0) {
    return { name, result: 'bad', text: `damaged in ${placesOf(found.damageCount)}`, fix: restoreHint };
  }
  const notes = [
    found.retiredBlobs > 0 ? `${found.retiredBlobs} blobs deleted by retention` : null,
    found.unnamedBlobs > 0 ? `${found.unnamedBlobs} blobs that no event names` : null,
    found.foreignSnapshots > 0 ? `${found.foreignSnapshots} snapshots of other versions, unused` : null,
  ].filter((note) => note !== null);
  const text = `${found.events} events of ${found.streams} streams, ${found.blobs} blobs, the ledger: all whole`;
  return { name, result: 'good', text: [text, ...notes].join('; '), fix: null };
}
