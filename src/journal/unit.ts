/**
 * What is appended: a unit, n contiguous events of one stream with the inbox posts, consumed messages and
 * ledger changes that belong to the same fact. A unit commits whole, conflicts alone, or is refused alone.
 */
import type { JsonObject } from '../base/json.ts';
import type { NewEvent, StoredEvent, StreamId } from './event.ts';

export interface Unit {
  /** UUID. Appending the same id again returns what is stored and changes nothing. */
  id: string;
  project: string;
  stream: StreamId;
  /** Version the writer folded; 0 creates the stream. */
  expectedVersion: number;
  /** The fence under which an owned stream's owner writes; null for shared streams and for creation. */
  fence: number | null;
  /** At least one. */
  events: NewEvent[];
  /** On creation: the claim unit that the stream belongs to (default: itself). It need not exist yet. */
  claimUnit?: StreamId;
  /** Moves the stream into another claim unit (it takes that unit's fence) in the same transaction. */
  transferTo?: StreamId;
  /** Messages to other streams' inboxes, delivered with the commit. */
  posts?: InboxPost[];
  /** Inbox messages of this stream that these events answer; removed with the commit. */
  consumes?: string[];
  ledger?: LedgerChange[];
}

export interface InboxPost {
  stream: StreamId;
  /** Unique within the stream's inbox and its history; a second post with it is ignored. */
  id: string;
  kind: string;
  actor: string;
  data: JsonObject;
}

export interface InboxMessage extends InboxPost {
  at: string;
}

/**
 * A change of account rows. Amounts are non-negative integers of micro-dollars.
 * `reserve` is all or nothing over its accounts; an account that was never opened, or whose spent + reserved
 * + amount would pass its ceiling, refuses the whole unit. `settle` moves the actual amount to spent, frees the
 * reservation and is idempotent; `release` frees it, idempotent too, and never undoes a settle. A settle after a
 * release still counts as spent. A reservation id is reserved once: again while held changes nothing, later it is
 * refused as `unknown_reservation`. `open` of an open account changes its ceiling; `ensure` opens one that is not open and
 * never changes one that is. An account ensured as shared belongs to `sharedProject` and every project may reserve on it.
 */
export type LedgerChange =
  | { op: 'open'; account: string; ceilingMicroUsd: number | null }
  | { op: 'ensure'; account: string; ceilingMicroUsd: number | null; isShared: boolean }
  | {
      op: 'reserve';
      reservation: string;
      accounts: string[];
      amountMicroUsd: number;
      threshold?: ThresholdNotice;
    }
  | { op: 'settle'; reservation: string; actualMicroUsd: number; threshold?: ThresholdNotice }
  | { op: 'release'; reservation: string };

/**
 * Whom to tell when the change leaves an account with so much of its ceiling spent or reserved: a message
 * `budget_threshold_exceeded` to that stream, in the same unit, once per account and ceiling.
 */
export interface ThresholdNotice {
  stream: StreamId;
  /** Thousandths of the ceiling. */
  permille: number;
}

/** Owns the accounts that all projects of a database share. No project can have this name. */
export const sharedProject = '@host';

export interface AccountRow {
  account: string;
  project: string;
  /** Null: no ceiling. */
  ceilingMicroUsd: number | null;
  spentMicroUsd: number;
  reservedMicroUsd: number;
}

export interface ReservationRow {
  reservation: string;
  project: string;
  accounts: string[];
  amountMicroUsd: number;
  state: 'held' | 'settled' | 'released';
  settledMicroUsd: number | null;
  /** The stream whose unit reserved it, and that unit's fence. */
  stream: StreamId;
  fence: number | null;
}

export interface LedgerRefusal {
  reason: 'over_ceiling' | 'unknown_account' | 'unknown_reservation';
  /** The account, or the reservation, that refused. */
  account: string;
  ceilingMicroUsd: number | null;
  spentMicroUsd: number;
  reservedMicroUsd: number;
  wantedMicroUsd: number;
}

export type AppendOutcome =
  | {
      outcome: 'appended';
      events: StoredEvent[] /** The unit id was already stored. */;
      isDuplicate: boolean;
    }
  | { outcome: 'conflict'; actualVersion: number }
  | { outcome: 'fenced'; actualFence: number }
  | { outcome: 'refused'; refusal: LedgerRefusal };
