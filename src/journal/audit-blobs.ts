/** Checks that every blob is what its hash says, and that what the events name is there or was deleted on purpose. */
import { placeOf } from './audit-events.ts';
import type { Audit, EventRow, ReportDamage } from './journal-record.ts';

/** What the events say of blobs. */
export interface BlobNames {
  /** Hashes of the blobs that an event refers to. */
  namedBy(event: EventRow): readonly string[];
  /** Hashes of blobs that an event records as deleted by retention. */
  deletedBy(event: EventRow): readonly string[];
}

export interface BlobAudit extends Audit {
  /** Blobs that are gone, as retention recorded. */
  retiredCount(): number;
  /** Blobs that no event names: left by a process that ended between storing and appending. */
  unnamedCount(): number;
}

export function auditBlobs(report: ReportDamage, names: BlobNames): BlobAudit {
  const named = new Map<string, string>();
  const deleted = new Set<string>();
  const found = new Set<string>();
  let unnamed = 0;
  return {
    retiredCount: () => [...named.keys()].filter((hash) => !found.has(hash) && deleted.has(hash)).length,
    unnamedCount: () => unnamed,
    take(record) {
      if (record.table === 'event') {
        for (const hash of names.namedBy(record.row)) {
          if (!named.has(hash)) named.set(hash, placeOf(record.row));
        }
        for (const hash of names.deletedBy(record.row)) deleted.add(hash);
      }
      if (record.table !== 'blob') return;
      const { hash, actualHash } = record.row;
      if (actualHash !== null && actualHash !== hash) {
        const user = named.get(hash);
        report(
          `blob ${hash}`,
          `its bytes are others than those that were stored${user ? `; ${user} names it` : ''}`,
        );
      }
      if (named.has(hash)) found.add(hash);
      else unnamed += 1;
    },
    finish() {
      for (const [hash, place] of named) {
        if (found.has(hash) || deleted.has(hash)) continue;
        report(`blob ${hash}`, `is missing; ${place} names it and no retention deleted it`);
      }
    },
  };
}
