/** Checks every event that an anchor names: it must still be there, with the same hash. */
import { type AnchoredHead, anchorKind, readAnchor } from './anchor.ts';
import { placeOf } from './audit-events.ts';
import type { Audit, ClaimUnitRow, JournalRows, ReportDamage } from './journal-record.ts';

interface Expected {
  /** Null: two anchors name different hashes for it. */
  hash: string | null;
  anchoredAt: string;
}

/** Reads the anchors first: they come after what they name. Keeps one entry for each stream and day until it passes. */
export async function auditAnchors(rows: JournalRows, report: ReportDamage): Promise<Audit> {
  const expected = new Map<string, Expected>();
  const fences = new Map<string, { fence: number; anchoredAt: string }>();
  for await (const row of rows.eventsOfKind(anchorKind)) {
    const anchor = readAnchor(row);
    for (const head of anchor.heads) expect(expected, head, row.at);
    for (const { unit, fence } of anchor.fences) {
      if (fence > (fences.get(unit)?.fence ?? 0)) fences.set(unit, { fence, anchoredAt: row.at });
    }
  }
  return {
    take(record) {
      if (record.table === 'claim_unit') checkFence(record.row, fences, report);
      if (record.table !== 'event') return;
      const place = placeOf(record.row);
      const found = expected.get(place);
      if (!found) return;
      expected.delete(place);
      if (found.hash !== record.row.hash) {
        report(
          place,
          `is not what the anchor of ${found.anchoredAt} recorded: it was rewritten, with its chain`,
        );
      }
    },
    finish() {
      for (const [place, { anchoredAt }] of expected) {
        report(place, `was there when the anchor of ${anchoredAt} was recorded and is missing`);
      }
      for (const [unit, { anchoredAt }] of fences) {
        report(
          `claim unit ${unit}`,
          `was there when the anchor of ${anchoredAt} was recorded and is missing`,
        );
      }
    },
  };
}

function checkFence(
  { unit, fence }: ClaimUnitRow,
  fences: Map<string, { fence: number; anchoredAt: string }>,
  report: ReportDamage,
): void {
  const known = fences.get(unit);
  fences.delete(unit);
  if (known === undefined || fence >= known.fence) return;
  report(
    `claim unit ${unit}`,
    `has fence ${fence}; it had ${known.fence} when the anchor of ${known.anchoredAt} was recorded`,
  );
}

function expect(expected: Map<string, Expected>, head: AnchoredHead, anchoredAt: string): void {
  const place = placeOf(head);
  const known = expected.get(place);
  if (!known) expected.set(place, { hash: head.hash, anchoredAt });
  else if (known.hash !== head.hash) expected.set(place, { hash: null, anchoredAt });
}
