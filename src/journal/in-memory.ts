/**
 * The journal in memory: the same promises as PostgreSQL's but durability, for the simulator, dry runs and fast
 * tests. Every append is atomic because it runs in one turn of the event loop.
 */
import type { Clock } from '../base/clock.ts';
import { canonicalJson, sha256Hex } from '../base/json.ts';
import type { StoredEvent, StreamId } from './event.ts';
import { createWakeSignal, followPages } from './follow.ts';
import { chainHash, joinEnvelope, ZERO_HASH } from './hash-chain.ts';
import type { BlobHash, Journal, Snapshot, StreamHead } from './journal.ts';
import { applyLedgerChanges, emptyLedgerBook } from './ledger-book.ts';
import { createMemoryClaims, type MemoryClaims } from './memory-claims.ts';
import { createMemoryInbox, type MemoryInbox } from './memory-inbox.ts';
import { type PreparedUnit, prepareUnit, refuseUnstorable, refuseUnstorablePost } from './prepare-unit.ts';
import type { AppendOutcome, LedgerRefusal } from './unit.ts';

interface MemoryStream {
  project: string;
  claimUnit: StreamId;
  events: StoredEvent[];
}

interface MemoryState {
  clock: Clock;
  events: StoredEvent[];
  streams: Map<StreamId, MemoryStream>;
  units: Map<string, StoredEvent[]>;
  projectOf: Map<StreamId, string>;
  claims: MemoryClaims;
  inbox: MemoryInbox;
  book: ReturnType<typeof emptyLedgerBook>;
}

export function createMemoryJournal(options: { clock: Clock }): Journal {
  const streams = new Map<StreamId, MemoryStream>();
  const claimUnitOf = (stream: StreamId): StreamId => streams.get(stream)?.claimUnit ?? stream;
  const inbox = createMemoryInbox(options.clock, claimUnitOf);
  const state: MemoryState = {
    clock: options.clock,
    events: [],
    streams,
    units: new Map(),
    projectOf: new Map(),
    claims: createMemoryClaims(options.clock, (unit) => inbox.waitingFor(unit).length > 0),
    inbox,
    book: emptyLedgerBook(),
  };
  const blobs = new Map<string, Uint8Array>();
  const snapshots = new Map<StreamId, { version: number; text: string }>();
  const wake = createWakeSignal();
  const appended = createWakeSignal();
  const headOf = (id: StreamId, stream: MemoryStream): StreamHead => ({
    stream: id,
    project: stream.project,
    version: stream.events.length,
    claimUnit: stream.claimUnit,
    ...state.claims.head(stream.claimUnit),
  });
  const readAll = (after: number, limit: number, project?: string): StoredEvent[] =>
    state.events
      .slice(after)
      .filter((event) => project === undefined || streams.get(event.stream)?.project === project)
      .slice(0, limit);

  return {
    append: async (unit) => {
      const result = appendUnit(state, prepareUnit(unit));
      if (result.outcome === 'appended' && !result.isDuplicate) {
        appended.wake();
        if (unit.posts?.length || unit.transferTo) wake.wake();
      }
      return result;
    },
    read: async (stream, { after = 0, limit } = {}) =>
      (streams.get(stream)?.events ?? []).slice(after, limit === undefined ? undefined : after + limit),
    readAll: async ({ after, limit, project }) => readAll(after, limit, project),
    head: async () => state.events.length,
    follow: ({ after, project, signal }) => {
      const source = {
        readPage: async (from: number) => {
          const scannedTo = Math.min(from + 500, state.events.length);
          const page = state.events.slice(from, scannedTo);
          const events = page.filter((e) => project === undefined || streams.get(e.stream)?.project === project);
          return { events, scannedTo };
        },
        waitForMore: (from: number, until: AbortSignal) =>
          state.events.length > from ? Promise.resolve() : appended.next(until),
      };
      return followPages(source, after, signal);
    },
    putBlob: async (bytes) => {
      const hash = sha256Hex(bytes);
      if (!blobs.has(hash)) blobs.set(hash, Uint8Array.from(bytes));
      return hash as BlobHash;
    },
    getBlob: async (hash) => {
      const bytes = blobs.get(hash);
      return bytes && Uint8Array.from(bytes);
    },
    post: async (project, post) => {
      refuseUnstorablePost(post);
      state.claims.ensure(claimUnitOf(post.stream), project);
      const isNew = inbox.post(post);
      if (isNew) wake.wake();
      return isNew ? 'posted' : 'duplicate';
    },
    inbox: async (unit) => inbox.waitingFor(unit),
    streams: async (project, { prefix = '', claimUnit } = {}) =>
      [...streams]
        .filter(([id, stream]) => stream.project === project && id.startsWith(prefix))
        .filter(([, stream]) => claimUnit === undefined || stream.claimUnit === claimUnit)
        .map(([id, stream]) => headOf(id, stream))
        .sort((a, b) => compareIds(a.stream, b.stream)),
    streamHead: async (id) => {
      const stream = streams.get(id);
      return stream && headOf(id, stream);
    },
    projects: async () => [...state.claims.projects()].sort(compareIds),
    claim: async (request) => state.claims.claim(request),
    claimUnit: async (unit, request) => state.claims.claimUnit(unit, request),
    renew: async (claim, leaseMs) => state.claims.renew(claim, leaseMs),
    release: async (claim, wakeAt) => {
      state.claims.release(claim, wakeAt);
      wake.wake();
    },
    onWake: (listener) => wake.subscribe(listener),
    saveSnapshot: async (stream, snapshot) => {
      refuseUnstorable(snapshot, `snapshot of ${stream}`);
      const { version } = snapshot;
      if (version >= (snapshots.get(stream)?.version ?? 0)) {
        snapshots.set(stream, { version, text: canonicalJson(snapshot) });
      }
    },
    loadSnapshot: async (stream) => {
      const kept = snapshots.get(stream);
      return kept && (JSON.parse(kept.text) as Snapshot);
    },
    account: async (id) => state.book.accounts.get(id),
    accounts: async (project) =>
      [...state.book.accounts.values()]
        .filter((row) => row.project === project)
        .sort((a, b) => compareIds(a.account, b.account)),
    reservations: async (project, { state: wanted } = {}) =>
      [...state.book.reservations.values()]
        .filter((row) => row.project === project && (wanted === undefined || row.state === wanted))
        .sort((a, b) => compareIds(a.reservation, b.reservation)),
    close: async () => {},
  };
}

/** As PostgreSQL's "C" collation orders text: by UTF-8 bytes. */
function compareIds(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function appendUnit(state: MemoryState, prepared: PreparedUnit): AppendOutcome {
  const { unit } = prepared;
  const known = state.units.get(unit.id);
  if (known) return { outcome: 'appended', events: known, isDuplicate: true };
  const stream = state.streams.get(unit.stream);
  const owner = stream?.claimUnit ?? unit.claimUnit ?? unit.stream;
  const { fence } = state.claims.head(owner);
  if (unit.fence !== null && unit.fence !== fence) return { outcome: 'fenced', actualFence: fence };
  const actualVersion = stream?.events.length ?? 0;
  if (actualVersion !== unit.expectedVersion) return { outcome: 'conflict', actualVersion };
  const refusal = changeLedger(state, prepared);
  if (refusal) return { outcome: 'refused', refusal };

  const target = stream ?? { project: unit.project, claimUnit: owner, events: [] };
  state.streams.set(unit.stream, target);
  state.claims.ensure(owner, unit.project);
  const events = storeEvents(state, target, prepared);
  state.units.set(unit.id, events);
  if (unit.transferTo !== undefined) {
    target.claimUnit = unit.transferTo;
    state.claims.ensure(unit.transferTo, unit.project);
  }
  for (const id of unit.consumes ?? []) state.inbox.consume(unit.stream, id);
  for (const post of unit.posts ?? []) {
    state.claims.ensure(state.streams.get(post.stream)?.claimUnit ?? post.stream, unit.project);
    state.inbox.post(post);
  }
  return { outcome: 'appended', events, isDuplicate: false };
}

function changeLedger(state: MemoryState, { unit }: PreparedUnit): LedgerRefusal | null {
  if (!unit.ledger?.length) return null;
  return applyLedgerChanges(state.book, unit.ledger, {
    project: unit.project,
    stream: unit.stream,
    fence: unit.fence,
  });
}

function storeEvents(state: MemoryState, target: MemoryStream, { unit, envelopes }: PreparedUnit): StoredEvent[] {
  const last = target.events.at(-1);
  const at = new Date(Math.max(state.clock.now(), last ? Date.parse(last.at) : 0)).toISOString();
  let hash = last?.hash ?? ZERO_HASH;
  const stored: StoredEvent[] = [];
  for (const [index, event] of unit.events.entries()) {
    const pieces = envelopes[index];
    if (!pieces) throw new Error(`unit ${unit.id} has no envelope ${index}`);
    const position = state.events.length + 1;
    hash = chainHash(hash, joinEnvelope(pieces, at, position));
    const { kind, schema, actor } = event;
    const data = deepFreeze(JSON.parse(pieces.data) as StoredEvent['data']);
    const version = unit.expectedVersion + index + 1;
    const row = { stream: unit.stream, version, position, at, kind, schema, actor, unit: unit.id, data, hash };
    stored.push(Object.freeze(row));
    target.events.push(row);
    state.events.push(row);
  }
  return stored;
}

/** Readers share the stored objects, so a reader that changes one must fail at once. */
function deepFreeze<T>(value: T): T {
  if (value !== null && typeof value === 'object') {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
