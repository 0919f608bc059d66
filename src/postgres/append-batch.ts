/** One batch of units in one round trip: how units become the arrays of `meshwright.append_units`, and rows outcomes. */
import type { Client } from 'pg';
import type { StoredEvent } from '../journal/event.ts';
import type { PreparedUnit } from '../journal/prepare-unit.ts';
import type { AppendOutcome, LedgerRefusal } from '../journal/unit.ts';
import { readUnit } from './read.ts';

const HASH_LENGTH = 64;

interface VerdictRow {
  i: number;
  verdict: 'appended' | 'duplicate' | 'fenced' | 'conflict' | 'refused';
  version: number;
  fence: number;
  at: string | null;
  position: number | null;
  /** The hashes of all events of the unit, lower-case hex, one after the other. */
  hashes: string | null;
  refusal: LedgerRefusal | null;
}

/**
 * Appends units of different streams; the transaction has committed when it resolves. Outcomes are in the order of
 * the units. Rejects as a whole: then nothing was stored, or (connection lost) nobody knows yet.
 */
export async function appendBatch(client: Client, batch: readonly PreparedUnit[]): Promise<AppendOutcome[]> {
  const { rows } = await client.query<VerdictRow>({
    name: 'append',
    text: 'select o_i as i, o_verdict as verdict, o_version as version, o_fence as fence, o_at as at, o_position as position, o_hashes as hashes, o_refusal as refusal from meshwright.append_units($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::text[], $7::bigint[], $8::int[], $9::text[], $10::text[], $11::int[], $12::text[], $13::text[], $14::text[], $15::text[], $16::json)',
    values: [...unitColumns(batch), ...eventColumns(batch), extrasOf(batch)],
  });
  const outcomes: AppendOutcome[] = [];
  for (const row of rows) {
    const prepared = batch[row.i - 1];
    if (prepared) outcomes[row.i - 1] = await outcomeOf(client, prepared, row);
  }
  return outcomes;
}

function unitColumns(batch: readonly PreparedUnit[]): unknown[] {
  const units = batch.map((prepared) => prepared.unit);
  return [
    units.map((unit) => unit.id),
    units.map((unit) => unit.project),
    units.map((unit) => unit.stream),
    units.map((unit) => unit.expectedVersion),
    units.map((unit) => unit.fence),
    units.map((unit) => unit.claimUnit ?? unit.stream),
  ];
}

function eventColumns(batch: readonly PreparedUnit[]): unknown[] {
  const columns: unknown[][] = Array.from({ length: 9 }, () => []);
  for (const [unitIndex, { unit, envelopes }] of batch.entries()) {
    for (const [index, event] of unit.events.entries()) {
      const pieces = envelopes[index];
      if (!pieces) throw new Error(`unit ${unit.id} has no envelope ${index}`);
      const { head, data, middle, tail } = pieces;
      const row = [unitIndex + 1, index + 1, event.actor, event.kind, event.schema, head, data, middle, tail];
      for (const [column, value] of row.entries()) columns[column]?.push(value);
    }
  }
  return columns;
}

/** Posts, consumed messages, transfers and ledger changes as one JSON text; null when no unit has any. */
function extrasOf(batch: readonly PreparedUnit[]): string | null {
  const posts: object[] = [];
  const consumes: object[] = [];
  const transfers: object[] = [];
  const ledger: object[] = [];
  for (const [index, { unit }] of batch.entries()) {
    const u = index + 1;
    for (const { stream, id, kind, actor, data } of unit.posts ?? []) {
      posts.push({ u, stream, id, kind, actor, data });
    }
    for (const id of unit.consumes ?? []) consumes.push({ u, id });
    if (unit.transferTo !== undefined) transfers.push({ u, unit: unit.transferTo });
    if (unit.ledger?.length) ledger.push({ u, changes: unit.ledger });
  }
  if (posts.length + consumes.length + transfers.length + ledger.length === 0) return null;
  return JSON.stringify({ posts, consumes, transfers, ...(ledger.length > 0 && { ledger }) });
}

async function outcomeOf(client: Client, prepared: PreparedUnit, row: VerdictRow): Promise<AppendOutcome> {
  switch (row.verdict) {
    case 'appended':
      return { outcome: 'appended', events: storedEvents(prepared, row), isDuplicate: false };
    case 'duplicate':
      return { outcome: 'appended', events: await readUnit(client, prepared.unit.id), isDuplicate: true };
    case 'fenced':
      return { outcome: 'fenced', actualFence: row.fence };
    case 'conflict':
      return { outcome: 'conflict', actualVersion: row.version };
    case 'refused':
      if (!row.refusal) throw new Error(`unit ${prepared.unit.id} was refused without a reason`);
      return { outcome: 'refused', refusal: row.refusal };
  }
}

/** What was stored, from what was sent and what the database added: nothing has to be read back. */
function storedEvents({ unit, envelopes }: PreparedUnit, row: VerdictRow): StoredEvent[] {
  const { at, position, hashes } = row;
  if (at === null || position === null || hashes === null) {
    throw new Error(`unit ${unit.id} was appended without a position`);
  }
  return unit.events.map(({ kind, schema, actor }, index) => ({
    stream: unit.stream,
    version: unit.expectedVersion + index + 1,
    position: position + index,
    at,
    kind,
    schema,
    actor,
    unit: unit.id,
    data: JSON.parse(envelopes[index]?.data ?? 'null') as StoredEvent['data'],
    hash: hashes.slice(index * HASH_LENGTH, (index + 1) * HASH_LENGTH),
  }));
}
