/** Appending in memory: the same checks in the same order as the database's, all in one turn of the event loop. */
import type { Clock } from '../base/clock.ts';
import type { StoredEvent, StreamId } from './event.ts';
import { chainHash, joinEnvelope, ZERO_HASH } from './hash-chain.ts';
import { applyLedgerChanges, type LedgerBook, type LedgerOutcome } from './ledger-book.ts';
import type { MemoryClaims } from './memory-claims.ts';
import type { MemoryInbox } from './memory-inbox.ts';
import type { PreparedUnit } from './prepare-unit.ts';
import type { AppendOutcome } from './unit.ts';

export interface MemoryStream {
  project: string;
  claimUnit: StreamId;
  events: StoredEvent[];
}

export interface MemoryState {
  clock: Clock;
  /** All events; position n at index n - 1. */
  events: StoredEvent[];
  streams: Map<StreamId, MemoryStream>;
  /** Their ids by claim unit. */
  owned: Map<StreamId, Set<StreamId>>;
  units: Map<string, StoredEvent[]>;
  claims: MemoryClaims;
  inbox: MemoryInbox;
  book: LedgerBook;
}

export function appendUnit(state: MemoryState, prepared: PreparedUnit): AppendOutcome {
  const { unit } = prepared;
  const known = state.units.get(unit.id);
  if (known) return { outcome: 'appended', events: known, isDuplicate: true };
  const stream = state.streams.get(unit.stream);
  const owner = stream?.claimUnit ?? unit.claimUnit ?? unit.stream;
  const { fence } = state.claims.head(owner);
  if (unit.fence !== null && unit.fence !== fence) return { outcome: 'fenced', actualFence: fence };
  const actualVersion = stream?.events.length ?? 0;
  if (actualVersion !== unit.expectedVersion) return { outcome: 'conflict', actualVersion };
  const ledger = changeLedger(state, prepared);
  if (ledger.refusal) return { outcome: 'refused', refusal: ledger.refusal };

  const target = stream ?? { project: unit.project, claimUnit: owner, events: [] };
  state.streams.set(unit.stream, target);
  if (!stream) ownedBy(state, owner).add(unit.stream);
  state.claims.ensure(owner, unit.project);
  const events = storeEvents(state, target, prepared);
  state.units.set(unit.id, events);
  if (unit.transferTo !== undefined) {
    ownedBy(state, target.claimUnit).delete(unit.stream);
    ownedBy(state, unit.transferTo).add(unit.stream);
    target.claimUnit = unit.transferTo;
    state.claims.ensure(unit.transferTo, unit.project);
  }
  for (const id of unit.consumes ?? []) state.inbox.consume(unit.stream, id);
  for (const post of [...ledger.posts, ...(unit.posts ?? [])]) {
    state.claims.ensure(state.streams.get(post.stream)?.claimUnit ?? post.stream, unit.project);
    state.inbox.post(post);
  }
  return { outcome: 'appended', events, isDuplicate: false };
}

function ownedBy({ owned }: MemoryState, claimUnit: StreamId): Set<StreamId> {
  const ids = owned.get(claimUnit) ?? new Set();
  owned.set(claimUnit, ids);
  return ids;
}

function changeLedger(state: MemoryState, { unit }: PreparedUnit): LedgerOutcome {
  if (!unit.ledger?.length) return { refusal: null, posts: [] };
  return applyLedgerChanges(state.book, unit.ledger, {
    project: unit.project,
    stream: unit.stream,
    fence: unit.fence,
  });
}

function storeEvents(
  state: MemoryState,
  target: MemoryStream,
  { unit, envelopes }: PreparedUnit,
): StoredEvent[] {
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
    const row = {
      stream: unit.stream,
      version,
      position,
      at,
      kind,
      schema,
      actor,
      unit: unit.id,
      data,
      hash,
    };
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
