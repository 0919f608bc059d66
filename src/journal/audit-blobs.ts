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
  const named = new Map<string, LastName>();
  /** Position of the event that says so. */
  const deleted = new Map<string, number>();
  const found = new Set<string>();
  let unnamed = 0;
  // What was named again after it was deleted had been put again.
  const isRetired = (hash: string, { position }: LastName) => (deleted.get(hash) ?? -1) > position;
  return {
    retiredCount: () => [...named].filter(([hash, last]) => !found.has(hash) && isRetired(hash, last)).length,
    unnamedCount: () => unnamed,
    take(record) {
      if (record.table === 'event') {
        const { row } = record;
        for (const hash of names.namedBy(row))
          named.set(hash, { place: placeOf(row), position: row.position });
        for (const hash of names.deletedBy(row)) deleted.set(hash, row.position);
      }
      if (record.table !== 'blob') return;
      const { hash, actualHash } = record.row;
      const last = named.get(hash);
      if (actualHash !== null && actualHash !== hash) {
        const user = last ? `; ${last.place} names it` : '';
        report(`blob ${hash}`, `its bytes are others than those that were stored${user}`);
      }
      if (last) found.add(hash);
      else unnamed += 1;
    },
    finish() {
      for (const [hash, last] of named) {
        if (found.has(hash) || isRetired(hash, last)) continue;
        report(`blob ${hash}`, `is missing; ${last.place} names it and no retention deleted it`);
      }
    },
  };
}

/** The last event that names a blob. */
interface LastName {
  place: string;
  position: number;
}
