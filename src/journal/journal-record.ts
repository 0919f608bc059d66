/**
 * The journal as it is stored, row by row, for those who check or copy it. Nothing here is trusted: a row is what the
 * storage says, whether or not it can be true. Knows nothing of what events mean.
 */
import type { AccountRow, ReservationRow } from './unit.ts';

export interface EventRow {
  stream: string;
  version: number;
  position: number;
  project: string;
  /** ISO 8601 with milliseconds; anything finer that was stored shows, so that it cannot pass for the original. */
  at: string;
  kind: string;
  schema: number;
  actor: string;
  unit: string;
  /** JSON text, as it is stored. */
  data: string;
  hash: string;
}

export interface StreamRow {
  stream: string;
  project: string;
  claimUnit: string;
  version: number;
  hash: string;
  at: string;
}

export interface ClaimUnitRow {
  unit: string;
  project: string;
  fence: number;
}

export interface SnapshotRow {
  stream: string;
  version: number;
  reducerHash: string;
  /** JSON text, as it is stored. */
  state: string;
}

export interface BlobRow {
  hash: string;
  size: number;
  /** What the bytes hash to; null where they are not at hand. */
  actualHash: string | null;
  /** Base64; null where only the hash was asked for. */
  bytes: string | null;
}

export type JournalRecord =
  | { table: 'migration'; row: { number: number; oldestProgram: number | null } }
  | { table: 'journal_head'; row: { position: number; fence: number } }
  | { table: 'stream'; row: StreamRow }
  | { table: 'claim_unit'; row: ClaimUnitRow }
  | { table: 'account'; row: AccountRow }
  | { table: 'reservation'; row: ReservationRow }
  | { table: 'snapshot'; row: SnapshotRow }
  | { table: 'event'; row: EventRow }
  | { table: 'blob'; row: BlobRow };

export interface JournalRows {
  /** Null: everything, so that positions have no gaps. */
  project: string | null;
  /** Of each step of the storage's form that must have run: the oldest program that still works with it; null: not known. */
  migrations: readonly (number | null)[];
  /** Events of one kind, in order of position. */
  eventsOfKind(kind: string): AsyncIterable<EventRow>;
  /** Everything as of one moment; tables in the order of JournalRecord, events by position. */
  records(): AsyncIterable<JournalRecord>;
}

/** Where something is wrong, and what. */
export interface Damage {
  /** `item:orders-api/3 version 5`, `account item:orders-api/3`, `position 17`. */
  place: string;
  text: string;
}

export type ReportDamage = (place: string, text: string) => void;

/** One concern of a verification: sees every record once, in order, then says what is missing. */
export interface Audit {
  take(record: JournalRecord): void;
  finish(): void;
}

/** `kind:project/rest` or `kind:project` → project; undefined when it is neither. */
export function projectOfId(id: string): string | undefined {
  return /^[^:]+:([^/]+)(?:\/|$)/.exec(id)?.[1];
}
