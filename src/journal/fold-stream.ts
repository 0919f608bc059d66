/**
 * Folding a stream without reading it from its beginning: from the last snapshot, if the code that folds is the code that
 * took it, else from the first event. A snapshot is never more than a shortcut: whoever has none gets the same state.
 */
import type { JsonObject } from '../base/json.ts';
import type { StoredEvent, StreamId } from './event.ts';
import type { Journal } from './journal.ts';

/** How the streams of one kind fold. States are plain JSON. */
export interface StreamReducer<S> {
  /** The kind whose streams it folds: `item` for `item:…`. */
  streamKind: string;
  /** Changes with the code: snapshots of another one are not used. */
  reducerHash: string;
  initial: S;
  /** @throws for an event that cannot be there. */
  reduce(state: S, event: StoredEvent): S;
}

export interface Folded<S> {
  state: S;
  /** Of the last event; 0 when the stream does not exist. */
  version: number;
  /** Of the snapshot that is stored; 0 without one. */
  snapshotVersion: number;
}

/** Events since the last snapshot that make a new one worth its row. */
const snapshotEvery = 500;

export async function foldStream<S>(
  journal: Pick<Journal, 'read' | 'loadSnapshot'>,
  stream: StreamId,
  reducer: StreamReducer<S>,
): Promise<Folded<S>> {
  const found = await journal.loadSnapshot(stream);
  const isUsable = found?.reducerHash === reducer.reducerHash;
  let state = isUsable ? (found.state as unknown as S) : reducer.initial;
  let version = isUsable ? found.version : 0;
  for (const event of await journal.read(stream, { after: version })) {
    state = reducer.reduce(state, event);
    version = event.version;
  }
  return { state, version, snapshotVersion: isUsable ? found.version : 0 };
}

/** Stores a snapshot when there is enough new to save a later reader; the caller's word that `state` is at `version`. */
export async function saveFold<S>(
  journal: Pick<Journal, 'saveSnapshot'>,
  stream: StreamId,
  reducer: StreamReducer<S>,
  { state, version, snapshotVersion }: Folded<S>,
): Promise<boolean> {
  if (version - snapshotVersion < snapshotEvery) return false;
  const { reducerHash } = reducer;
  await journal.saveSnapshot(stream, { version, reducerHash, state: state as unknown as JsonObject });
  return true;
}
