/** Checks every event that an anchor names: it must still be there, with the same hash. */
import { type AnchoredHead, anchoredHeads, anchorKind } from './anchor.ts';
import { placeOf } from './audit-events.ts';
import type { Audit, JournalRows, ReportDamage } from './journal-record.ts';

interface Expected {
  /** Null: two anchors name different hashes for it. */
  hash: string | null;
  anchoredAt: string;
}

/** Reads the anchors first: they come after what they name. Keeps one entry for each stream and day until it passes. */
export async function auditAnchors(rows: JournalRows, report: ReportDamage): Promise<Audit> {
  const expected = new Map<string, Expected>();
  for await (const row of rows.eventsOfKind(anchorKind)) {
    for (const head of anchoredHeads(row)) expect(expected, head, row.at);
  }
  return {
    take(record) {
      if (record.table !== 'event') return;
      const place = placeOf(record.row);
      const found = expected.get(place);
      if (!found) return;
      expected.delete(place);
      if (found.hash !== record.row.hash) {
        report(place, `is not what the anchor of ${found.anchoredAt} recorded: it was rewritten, with its chain`);
      }
    },
    finish() {
      for (const [place, { anchoredAt }] of expected) {
        report(place, `was there when the anchor of ${anchoredAt} was recorded and is missing`);
      }
    },
  };
}

function expect(expected: Map<string, Expected>, head: AnchoredHead, anchoredAt: string): void {
  const place = placeOf(head);
  const known = expected.get(place);
  if (!known) expected.set(place, { hash: head.hash, anchoredAt });
  else if (known.hash !== head.hash) expected.set(place, { hash: null, anchoredAt });
}
