/**
 * Checks snapshots by folding again: the events pass once, and where a snapshot was taken the state must be the same.
 * A snapshot of a reducer that is not given cannot be checked; it is not used by this version either, only counted.
 */
import type { JsonObject } from '../base/json.ts';
import { canonicalData } from './audit-events.ts';
import type { StoredEvent } from './event.ts';
import type { StreamReducer } from './fold-stream.ts';
import type { Audit, EventRow, ReportDamage, SnapshotRow } from './journal-record.ts';

export interface SnapshotAudit extends Audit {
  checkedCount(): number;
  /** Of reducers that this version does not have. */
  foreignCount(): number;
}

interface Fold {
  snapshot: SnapshotRow;
  reducer: StreamReducer<unknown>;
  state: unknown;
}

export function auditSnapshots(
  report: ReportDamage,
  reducers: readonly StreamReducer<unknown>[],
): SnapshotAudit {
  const folds = new Map<string, Fold>();
  const heads = new Map<string, number>();
  let foreign = 0;
  let checked = 0;
  const open = (snapshot: SnapshotRow): void => {
    const place = `snapshot of ${snapshot.stream}`;
    const kind = snapshot.stream.slice(0, snapshot.stream.indexOf(':'));
    const head = heads.get(snapshot.stream);
    if (head === undefined) {
      report(place, 'is of a stream that does not exist');
      return;
    }
    if (snapshot.version > head || snapshot.version < 1) {
      report(place, `is of version ${snapshot.version}; the stream ends at ${head}`);
      return;
    }
    const reducer = reducers.find(
      (each) => each.streamKind === kind && each.reducerHash === snapshot.reducerHash,
    );
    if (reducer) folds.set(snapshot.stream, { snapshot, reducer, state: reducer.initial });
    else foreign += 1;
  };
  return {
    checkedCount: () => checked,
    foreignCount: () => foreign,
    take(record) {
      if (record.table === 'stream') heads.set(record.row.stream, record.row.version);
      if (record.table === 'snapshot') open(record.row);
      const fold = record.table === 'event' ? folds.get(record.row.stream) : undefined;
      if (record.table !== 'event' || !fold) return;
      const { row } = record;
      try {
        fold.state = fold.reducer.reduce(fold.state, storedEventOf(row));
      } catch (error) {
        folds.delete(row.stream);
        report(
          `snapshot of ${row.stream}`,
          `cannot be folded again at version ${row.version}: ${String(error)}`,
        );
        return;
      }
      if (row.version !== fold.snapshot.version) return;
      folds.delete(row.stream);
      checked += 1;
      if (canonicalData(fold.state) !== canonicalText(fold.snapshot.state)) {
        report(`snapshot of ${row.stream}`, `is not what its events fold to at version ${row.version}`);
      }
    },
    finish() {
      for (const { snapshot } of folds.values()) {
        report(`snapshot of ${snapshot.stream}`, `is of version ${snapshot.version}, which was not found`);
      }
    },
  };
}

/** @throws SyntaxError when the stored text is not JSON. */
export function storedEventOf(row: EventRow): StoredEvent {
  return { ...row, data: JSON.parse(row.data) as JsonObject } as unknown as StoredEvent;
}

function canonicalText(text: string): string {
  try {
    return canonicalData(JSON.parse(text));
  } catch {
    return text;
  }
}
