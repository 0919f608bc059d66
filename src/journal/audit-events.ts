/**
 * Checks events as they pass, in order of position: each stream's hash chain, versions and times, the units, and the
 * positions of the whole. Keeps the end of every stream, never its events.
 */
import { canonicalJson } from '../base/json.ts';
import { chainHash, envelopePieces, joinEnvelope, ZERO_HASH } from './hash-chain.ts';
import { type Audit, type EventRow, projectOfId, type ReportDamage } from './journal-record.ts';

export interface StreamEnd {
  version: number;
  hash: string;
  at: string;
  unit: string;
}

export interface EventAudit extends Audit {
  /** Where each stream stands by its events. */
  ends: ReadonlyMap<string, StreamEnd>;
  /** Of the last event; 0: none. */
  lastPosition(): number;
}

/** @param options.isWhole every event there is passes here, so that positions have no gaps. */
export function auditEvents(report: ReportDamage, options: { isWhole: boolean }): EventAudit {
  const ends = new Map<string, StreamEnd>();
  let last: EventRow | null = null;
  return {
    ends,
    lastPosition: () => last?.position ?? 0,
    take(record) {
      if (record.table !== 'event') return;
      const { row } = record;
      checkPosition(row, last, { report, ...options });
      checkUnit(row, { last, end: ends.get(row.stream) }, report);
      checkChain(row, ends.get(row.stream), report);
      const { version, hash, at, unit } = row;
      ends.set(row.stream, { version, hash, at, unit });
      last = row;
    },
    finish() {},
  };
}

function checkPosition(
  { position }: EventRow,
  last: EventRow | null,
  { report, isWhole }: { report: ReportDamage; isWhole: boolean },
): void {
  const previous = last?.position ?? 0;
  if (position <= previous) report(`position ${position}`, `comes after position ${previous}`);
  else if (isWhole && position !== previous + 1) {
    const missing =
      position === previous + 2 ? 'is missing: an event was' : `to ${position - 1} are missing: events were`;
    report(`position ${previous + 1}`, `${missing} deleted`);
  }
}

/** A unit is stored at once: its events follow each other in one stream, at one time. */
function checkUnit(
  row: EventRow,
  { last, end }: { last: EventRow | null; end: StreamEnd | undefined },
  report: ReportDamage,
): void {
  const place = placeOf(row);
  if (last?.unit === row.unit) {
    if (last.stream !== row.stream) report(place, `has the unit id of an event of ${last.stream}`);
    else if (last.at !== row.at)
      report(place, `is of the same unit as version ${last.version} and of another time`);
  } else if (end?.unit === row.unit) {
    report(place, `is of the unit of version ${end.version}, but other events came between`);
  }
}

function checkChain(row: EventRow, end: StreamEnd | undefined, report: ReportDamage): void {
  const place = placeOf(row);
  const expected = (end?.version ?? 0) + 1;
  if (projectOfId(row.stream) !== row.project) report(place, `is stored under project ${row.project}`);
  if (end && row.at < end.at)
    report(place, `its time ${row.at} is before that of the event before it, ${end.at}`);
  if (row.version !== expected) {
    const text =
      row.version > expected
        ? `${expected === row.version - 1 ? `version ${expected} is` : `versions ${expected} to ${row.version - 1} are`} missing before it`
        : `comes after version ${expected - 1}`;
    report(place, text);
    // What it was chained to is not there: its hash says nothing.
    return;
  }
  if (hashOfRow(row, end?.hash ?? ZERO_HASH) !== row.hash) {
    report(place, 'its content does not match its hash: it was changed, or what came before it was');
  }
}

/** Over the very text that is stored, so that not even its spelling can change. */
export function hashOfRow(row: EventRow, previousHash: string): string | null {
  try {
    const { kind, schema, actor } = row;
    const pieces = envelopePieces({ kind, schema, actor, data: {} }, row.stream, row.unit, row.version);
    return chainHash(previousHash, joinEnvelope({ ...pieces, data: row.data }, row.at, row.position));
  } catch {
    return null;
  }
}

/** A row from an event that was parsed: the text that it must have been stored as. */
export function canonicalData(data: unknown): string {
  try {
    return canonicalJson(data);
  } catch {
    return JSON.stringify(data) ?? 'null';
  }
}

export function placeOf(row: { stream: string; version: number }): string {
  return `${row.stream} version ${row.version}`;
}
