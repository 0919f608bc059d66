/**
 * Verifies a journal in one pass over its rows, in a database or in an export: every audit sees every record. What
 * events mean (money, blobs, snapshots) comes as arguments. Keeps the ends of streams, the rows of the ledger and the
 * names of blobs in memory, never the events.
 */
import { auditAnchors } from './audit-anchors.ts';
import { auditBlobs, type BlobNames } from './audit-blobs.ts';
import { auditEvents } from './audit-events.ts';
import { auditClaimUnits, auditJournalHead, auditStreamHeads } from './audit-heads.ts';
import { auditSnapshots } from './audit-snapshots.ts';
import type { StreamReducer } from './fold-stream.ts';
import type { Audit, Damage, JournalRows, ReportDamage } from './journal-record.ts';

/** What the verification cannot know by itself. */
export interface JournalMeaning {
  blobs: BlobNames;
  reducers: readonly StreamReducer<unknown>[];
  /** Further audits, of what the events say beside their chains. */
  audits: readonly ((report: ReportDamage, options: { isWhole: boolean }) => Audit)[];
}

export interface Verification {
  /** The first thousand. */
  damage: Damage[];
  damageCount: number;
  events: number;
  streams: number;
  blobs: number;
  /** Named by events and deleted by retention, as the events record. */
  retiredBlobs: number;
  unnamedBlobs: number;
  snapshots: number;
  /** Made by another version; not used and not checked. */
  foreignSnapshots: number;
}

const maxDamage = 1_000;

export async function verifyJournal(rows: JournalRows, meaning: JournalMeaning): Promise<Verification> {
  const damage: Damage[] = [];
  let damageCount = 0;
  const report: ReportDamage = (place, text) => {
    damageCount += 1;
    if (damage.length < maxDamage) damage.push({ place, text });
  };
  const isWhole = rows.project === null;
  const events = auditEvents(report, { isWhole });
  const blobs = auditBlobs(report, meaning.blobs);
  const snapshots = auditSnapshots(report, meaning.reducers);
  const audits: Audit[] = [
    auditMigrations(report, rows.migrations),
    events,
    auditStreamHeads(report, events),
    ...(isWhole ? [auditJournalHead(report, events)] : []),
    auditClaimUnits(report),
    await auditAnchors(rows, report),
    snapshots,
    blobs,
    ...meaning.audits.map((open) => open(report, { isWhole })),
  ];
  const counts = { event: 0, stream: 0, blob: 0 };
  for await (const record of rows.records()) {
    if (record.table in counts) counts[record.table as keyof typeof counts] += 1;
    for (const audit of audits) audit.take(record);
  }
  for (const audit of audits) audit.finish();
  return {
    damage,
    damageCount,
    events: counts.event,
    streams: counts.stream,
    blobs: counts.blob,
    retiredBlobs: blobs.retiredCount(),
    unnamedBlobs: blobs.unnamedCount(),
    snapshots: snapshots.checkedCount(),
    foreignSnapshots: snapshots.foreignCount(),
  };
}

/** `known`: with how old a program each step still works, by the code; null where the code does not say. */
function auditMigrations(report: ReportDamage, known: readonly (number | null)[]): Audit {
  const found = new Map<number, number | null>();
  return {
    take(record) {
      if (record.table === 'migration') found.set(record.row.number, record.row.oldestProgram);
    },
    finish() {
      for (let number = 1; number <= Math.max(known.length, found.size); number += 1) {
        const [oldest, wanted] = [found.get(number), known[number - 1] ?? null];
        if (oldest === undefined) report(`migration ${number}`, 'is not recorded');
        // The first versions did not record it.
        else if (oldest !== null && wanted !== null && oldest !== wanted) {
          report(
            `migration ${number}`,
            `says that programs from ${oldest} on may work here; it is ${wanted}`,
          );
        }
      }
    },
  };
}
