/**
 * The journal port: append-only streams, their inboxes, blobs, claims and snapshots. Two adapters (in memory,
 * PostgreSQL) pass one contract suite. The journal knows nothing of what events mean.
 */
import type { Brand } from '../base/brand.ts';
import type { JsonObject } from '../base/json.ts';
import type { StoredEvent, StreamId } from './event.ts';
import type { AccountRow, AppendOutcome, InboxMessage, InboxPost, ReservationRow, Unit } from './unit.ts';

/** Lower-case hex sha256 of the bytes. */
export type BlobHash = Brand<string, 'BlobHash'>;

export interface StreamHead {
  stream: StreamId;
  project: string;
  version: number;
  fence: number;
  claimUnit: StreamId;
  /** That had the claim unit last; null before the first claim. */
  host: string | null;
  /** Null also when the owner's lease has run out. */
  owner: string | null;
  /** ISO time, or null when nothing is due. */
  wakeAt: string | null;
}

/** A wake time that has come by every clock: a host's own may be ahead of the database's, which decides what is due. */
export const dueAtOnce = new Date(0).toISOString();

export interface ClaimRequest {
  /** Identity of the worker process. */
  owner: string;
  host: string;
  leaseMs: number;
  /** Only this project's claim units; all when absent. */
  project?: string;
  /** Only units of these kinds (the part of the id before the colon), because the worker can drive no others; default: any. */
  kinds?: readonly string[];
  /** Of these, what work of theirs is on a host's disk: once a host had such a unit, only that host may claim it. */
  hostBoundKinds?: readonly string[];
  /** Owners known to be dead (or to have lost the answer to a claim): what they hold is free, whatever its lease. */
  voidOwners?: readonly string[];
}

/** Who holds a claim unit, its lease run out or not. */
export interface ClaimHolder {
  unit: StreamId;
  owner: string;
  host: string;
  fence: number;
  /** ISO time, the database's. */
  leaseUntil: string;
}

export interface Claim {
  unit: StreamId;
  project: string;
  owner: string;
  /** Strictly above every fence that the unit ever had. */
  fence: number;
}

export interface Snapshot {
  version: number;
  reducerHash: string;
  state: JsonObject;
}

/** A blob as retention sees it. */
export interface StoredBlob {
  hash: BlobHash;
  bytes: number;
}

export interface Journal {
  /** Durable when it resolves. Rejects only when storage fails; every expected outcome is a value. */
  append(unit: Unit): Promise<AppendOutcome>;
  /** Events of one stream with version > after, in order. */
  read(stream: StreamId, options?: { after?: number; limit?: number }): Promise<StoredEvent[]>;
  /** Events of the whole journal with position > after, in order. */
  readAll(options: { after: number; limit: number; project?: string }): Promise<StoredEvent[]>;
  /** Position of the last event; 0 when empty. */
  head(): Promise<number>;
  /** Everything after a position, then what comes, each exactly once and in order, until the signal aborts (it then ends). */
  follow(options: { after: number; project?: string; signal: AbortSignal }): AsyncIterable<StoredEvent>;

  putBlob(bytes: Uint8Array): Promise<BlobHash>;
  getBlob(hash: BlobHash): Promise<Uint8Array | undefined>;
  /** Blobs that were last put before that time (ISO), whoever put them, by hash; `after`: from the next one on. */
  listBlobs(page: { putBefore: string; after?: BlobHash; limit: number }): Promise<StoredBlob[]>;
  /** Deletes those of them that nobody put again since `putBefore`; returns which. Events are never deleted. */
  deleteBlobs(hashes: readonly BlobHash[], putBefore: string): Promise<BlobHash[]>;

  /** For everybody who is not the stream's owner; wakes its claim unit. The stream may not exist yet. */
  post(project: string, post: InboxPost): Promise<'posted' | 'duplicate'>;
  /** Unconsumed messages for all streams of a claim unit, in order of arrival. */
  inbox(claimUnit: StreamId): Promise<InboxMessage[]>;

  /** Heads of a project's streams whose id starts with `prefix` (default all), ordered by id. */
  streams(project: string, options?: { prefix?: string; claimUnit?: StreamId }): Promise<StreamHead[]>;
  streamHead(stream: StreamId): Promise<StreamHead | undefined>;
  projects(): Promise<string[]>;

  /**
   * Takes one claim unit that is unowned and due (wakeAt passed or inbox waiting), or whose lease expired (its owner
   * died: what it was doing must be taken up). Raises its fence and so that of all its streams.
   */
  claim(request: ClaimRequest): Promise<Claim | undefined>;
  /** Claims this very unit if it is unowned or expired, due or not. Creates it when absent, if the request names the project. */
  claimUnit(unit: StreamId, request: ClaimRequest): Promise<Claim | undefined>;
  /** Every claim unit of a project that has an owner, ordered by id. */
  claimHolders(project: string): Promise<ClaimHolder[]>;
  /** False when the claim was lost (fence moved on). */
  renew(claim: Claim, leaseMs: number): Promise<boolean>;
  /** Gives the unit back; it is due again at `wakeAt` (ISO) or when a message arrives; null: only on messages. No-op when lost. */
  release(claim: Claim, wakeAt: string | null): Promise<void>;
  /** Calls back (coalesced) when messages may have arrived or a unit may be claimable. Returns the unsubscribe. */
  onWake(listener: () => void): () => void;

  saveSnapshot(stream: StreamId, snapshot: Snapshot): Promise<void>;
  loadSnapshot(stream: StreamId): Promise<Snapshot | undefined>;

  account(account: string): Promise<AccountRow | undefined>;
  /** Those of them that are open, by name. */
  accountsNamed(accounts: readonly string[]): Promise<ReadonlyMap<string, AccountRow>>;
  accounts(project: string): Promise<AccountRow[]>;
  reservations(project: string, options?: { state?: ReservationRow['state'] }): Promise<ReservationRow[]>;

  close(): Promise<void>;
}
