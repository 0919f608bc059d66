/** Compares a journal with what was kept of it outside: an export, or a seal. What came later is no difference. */
import { placeOf } from './audit-events.ts';
import type { Damage, EventRow, JournalRows } from './journal-record.ts';
import { createSeal, type Seal } from './seal.ts';

const maxDamage = 1_000;

/** Every event of the export must be in the journal with the same hash, and between them no other. Both in order of position. */
export async function compareWithExport(journal: JournalRows, kept: JournalRows): Promise<Damage[]> {
  const damage: Damage[] = [];
  const theirs = eventsOf(kept)[Symbol.asyncIterator]();
  let expected = await theirs.next();
  for await (const row of eventsOf(journal)) {
    while (!expected.done && expected.value.position < row.position) {
      damage.push({ place: placeOf(expected.value), text: 'is in the export and not in the journal' });
      expected = await theirs.next();
    }
    if (expected.done || damage.length >= maxDamage) break;
    if (kept.project !== null && row.project !== kept.project) continue;
    if (expected.value.position > row.position) {
      damage.push({ place: placeOf(row), text: `is not in the export, though later events are` });
      continue;
    }
    if (expected.value.hash !== row.hash || placeOf(expected.value) !== placeOf(row)) {
      damage.push({
        place: placeOf(expected.value),
        text: 'is another event in the journal than in the export',
      });
    }
    expected = await theirs.next();
  }
  for (; !expected.done && damage.length < maxDamage; expected = await theirs.next()) {
    damage.push({ place: placeOf(expected.value), text: 'is in the export and not in the journal' });
  }
  return damage;
}

export async function compareWithSeal(journal: JournalRows, seal: Seal): Promise<Damage[]> {
  const own = createSeal(seal.project);
  for await (const row of eventsOf(journal)) {
    if (row.position > seal.position) break;
    if (seal.project === null || row.project === seal.project) own.take(row);
  }
  const found = own.value();
  if (found.position === seal.position && found.digest === seal.digest) return [];
  const text =
    found.position === seal.position
      ? 'the events up to there are not those that the seal covers'
      : `the journal ends at position ${found.position} there`;
  return [{ place: `position ${seal.position}`, text }];
}

async function* eventsOf(rows: JournalRows): AsyncIterable<EventRow> {
  for await (const record of rows.records()) {
    if (record.table === 'event') yield record.row;
    else if (record.table === 'blob') return;
  }
}
