/**
 * The journal in memory: the same promises as PostgreSQL's but durability, for the simulator, dry runs and fast
 * tests.
 */
import type { Clock } from '../base/clock.ts';
import { canonicalJson, sha256Hex } from '../base/json.ts';
import type { StoredEvent, StreamId } from './event.ts';
import { createWakeSignal, followPages } from './follow.ts';
import type { BlobHash, Journal, Snapshot, StreamHead } from './journal.ts';
import { emptyLedgerBook } from './ledger-book.ts';
import { appendUnit, type MemoryState, type MemoryStream } from './memory-append.ts';
import { createMemoryClaims } from './memory-claims.ts';
import { createMemoryInbox } from './memory-inbox.ts';
import { prepareUnit, refuseUnstorable, refuseUnstorablePost } from './prepare-unit.ts';

const PAGE = 500;

type WakeSignal = ReturnType<typeof createWakeSignal>;

/** @param options.defer runs a wake a moment later; default: the event loop's next turn (the simulator has its own). */
export function createMemoryJournal(options: { clock: Clock; defer?: (run: () => void) => void }): Journal {
  const streams = new Map<StreamId, MemoryStream>();
  const inbox = createMemoryInbox(options.clock, (stream) => streams.get(stream)?.claimUnit ?? stream);
  const state: MemoryState = {
    clock: options.clock,
    events: [],
    streams,
    owned: new Map(),
    units: new Map(),
    claims: createMemoryClaims(options.clock, (unit) => inbox.waitingFor(unit).length > 0),
    inbox,
    book: emptyLedgerBook(),
  };
  const wake = createWakeSignal(options.defer);
  return {
    ...eventOperations(state, wake, createWakeSignal(options.defer)),
    ...streamOperations(state),
    ...ownerOperations(state, wake),
    ...blobOperations(state.clock),
    ...snapshotOperations(),
    ...ledgerOperations(state),
    close: async () => {},
  };
}

function eventOperations(
  state: MemoryState,
  wake: WakeSignal,
  appended: WakeSignal,
): Pick<Journal, 'append' | 'read' | 'readAll' | 'head' | 'follow'> {
  const isOf = (project: string | undefined, stream: StreamId): boolean =>
    project === undefined || state.streams.get(stream)?.project === project;
  return {
    append: async (unit) => {
      const result = appendUnit(state, prepareUnit(unit));
      if (result.outcome === 'appended' && !result.isDuplicate) {
        appended.wake();
        if (unit.posts?.length || unit.transferTo !== undefined) wake.wake();
      }
      return result;
    },
    read: async (stream, { after = 0, limit } = {}) =>
      (state.streams.get(stream)?.events ?? []).slice(after, limit === undefined ? undefined : after + limit),
    readAll: async ({ after, limit, project }) => {
      const page: StoredEvent[] = [];
      for (let index = after; index < state.events.length && page.length < limit; index += 1) {
        const event = state.events[index] as StoredEvent;
        if (isOf(project, event.stream)) page.push(event);
      }
      return page;
    },
    head: async () => state.events.length,
    follow: ({ after, project, signal }) => {
      const source = {
        readPage: async (from: number) => {
          const scannedTo = Math.min(from + PAGE, state.events.length);
          const events = state.events.slice(from, scannedTo).filter((event) => isOf(project, event.stream));
          return { events, scannedTo };
        },
        waitForMore: (from: number, until: AbortSignal) =>
          state.events.length > from ? Promise.resolve() : appended.next(until),
      };
      return followPages(source, after, signal);
    },
  };
}

function streamOperations(state: MemoryState): Pick<Journal, 'streams' | 'streamHead' | 'projects'> {
  const headOf = (id: StreamId, stream: MemoryStream): StreamHead => ({
    stream: id,
    project: stream.project,
    version: stream.events.length,
    claimUnit: stream.claimUnit,
    ...state.claims.head(stream.claimUnit),
  });
  return {
    streams: async (project, { prefix = '', claimUnit } = {}) =>
      [...(claimUnit === undefined ? state.streams.keys() : (state.owned.get(claimUnit) ?? []))]
        .map((id) => [id, state.streams.get(id) as MemoryStream] as const)
        .filter(([id, stream]) => stream.project === project && id.startsWith(prefix))
        .map(([id, stream]) => headOf(id, stream))
        .sort((a, b) => compareIds(a.stream, b.stream)),
    streamHead: async (id) => {
      const stream = state.streams.get(id);
      return stream && headOf(id, stream);
    },
    projects: async () => [...state.claims.projects()].sort(compareIds),
  };
}

function ownerOperations(
  { streams, claims, inbox }: MemoryState,
  wake: WakeSignal,
): Pick<Journal, 'post' | 'inbox' | 'claimHolders' | 'claim' | 'claimUnit' | 'renew' | 'release' | 'onWake'> {
  return {
    post: async (project, post) => {
      refuseUnstorablePost(post);
      claims.ensure(streams.get(post.stream)?.claimUnit ?? post.stream, project);
      const isNew = inbox.post(post);
      if (isNew) wake.wake();
      return isNew ? 'posted' : 'duplicate';
    },
    inbox: async (unit) => inbox.waitingFor(unit),
    claimHolders: async (project) => claims.holders(project).sort((a, b) => compareIds(a.unit, b.unit)),
    claim: async (request) => claims.claim(request),
    claimUnit: async (unit, request) => claims.claimUnit(unit, request),
    renew: async (claim, leaseMs) => claims.renew(claim, leaseMs),
    release: async (claim, wakeAt) => {
      claims.release(claim, wakeAt);
      wake.wake();
    },
    onWake: (listener) => wake.subscribe(listener),
  };
}

function blobOperations(clock: Clock): Pick<Journal, 'putBlob' | 'getBlob' | 'listBlobs' | 'deleteBlobs'> {
  const blobs = new Map<BlobHash, { bytes: Uint8Array; putAt: number }>();
  const wasPutBefore = (hash: BlobHash, time: string): boolean =>
    (blobs.get(hash)?.putAt ?? Number.POSITIVE_INFINITY) < Date.parse(time);
  return {
    putBlob: async (bytes) => {
      const hash = sha256Hex(bytes) as BlobHash;
      blobs.set(hash, { bytes: blobs.get(hash)?.bytes ?? Uint8Array.from(bytes), putAt: clock.now() });
      return hash;
    },
    getBlob: async (hash) => {
      const blob = blobs.get(hash);
      return blob && Uint8Array.from(blob.bytes);
    },
    listBlobs: async ({ putBefore, after = '', limit }) =>
      [...blobs]
        .filter(([hash]) => hash > after && wasPutBefore(hash, putBefore))
        .map(([hash, { bytes }]) => ({ hash, bytes: bytes.length }))
        .sort((a, b) => compareIds(a.hash, b.hash))
        .slice(0, limit),
    deleteBlobs: async (hashes, putBefore) =>
      hashes.filter((hash) => wasPutBefore(hash, putBefore) && blobs.delete(hash)),
  };
}

function snapshotOperations(): Pick<Journal, 'saveSnapshot' | 'loadSnapshot'> {
  const snapshots = new Map<StreamId, { version: number; text: string }>();
  return {
    saveSnapshot: async (stream, snapshot) => {
      refuseUnstorable(snapshot, `snapshot of ${stream}`);
      const { version } = snapshot;
      if (version < (snapshots.get(stream)?.version ?? 0)) return;
      snapshots.set(stream, { version, text: canonicalJson(snapshot) });
    },
    loadSnapshot: async (stream) => {
      const kept = snapshots.get(stream);
      return kept && (JSON.parse(kept.text) as Snapshot);
    },
  };
}

function ledgerOperations({
  book,
}: MemoryState): Pick<Journal, 'account' | 'accountsNamed' | 'accounts' | 'reservations'> {
  return {
    account: async (id) => book.accounts.get(id),
    accountsNamed: async (ids) => {
      const rows = ids.flatMap((id) => book.accounts.get(id) ?? []);
      return new Map(rows.map((row) => [row.account, row]));
    },
    accounts: async (project) =>
      [...book.accounts.values()]
        .filter((row) => row.project === project)
        .sort((a, b) => compareIds(a.account, b.account)),
    reservations: async (project, { state } = {}) =>
      [...book.reservations.values()]
        .filter((row) => row.project === project && (state === undefined || row.state === state))
        .sort((a, b) => compareIds(a.reservation, b.reservation)),
  };
}

/** As PostgreSQL's "C" collation orders text: by UTF-8 bytes. */
function compareIds(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
