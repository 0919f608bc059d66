/** Snapshots: the last folded state of a stream, replaced by a newer one only. */
import { canonicalJson } from '../base/json.ts';
import type { StreamId } from '../journal/event.ts';
import type { Snapshot } from '../journal/journal.ts';
import { refuseUnstorable } from '../journal/prepare-unit.ts';
import type { Queryable } from './queryable.ts';

export async function saveSnapshot(db: Queryable, stream: StreamId, snapshot: Snapshot): Promise<void> {
  refuseUnstorable(snapshot, `snapshot of ${stream}`);
  await db.query(
    `insert into meshwright.snapshot as s (stream, version, reducer_hash, state) values ($1, $2, $3, $4)
     on conflict (stream) do update
       set version = excluded.version, reducer_hash = excluded.reducer_hash, state = excluded.state
       where excluded.version >= s.version`,
    [stream, snapshot.version, snapshot.reducerHash, canonicalJson(snapshot.state)],
  );
}

export async function loadSnapshot(db: Queryable, stream: StreamId): Promise<Snapshot | undefined> {
  const { rows } = await db.query<Snapshot>(
    'select version, reducer_hash as "reducerHash", state from meshwright.snapshot where stream = $1',
    [stream],
  );
  return rows[0];
}
