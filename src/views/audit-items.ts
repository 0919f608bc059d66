/**
 * Folds every item as its events pass: each must be able to follow the one before. And each stream must belong to the claim
 * unit that its events put it in: who owns a stream decides who may write to it.
 */
import { messageOf } from '../base/errors.ts';
import { advance, initialItem } from '../items/advance.ts';
import { isFinal } from '../items/is-final.ts';
import type { ItemState } from '../items/item-state.ts';
import { readItemEvent } from '../items/item-stream.ts';
import { placeOf } from '../journal/audit-events.ts';
import { storedEventOf } from '../journal/audit-snapshots.ts';
import type { Audit, EventRow, ReportDamage, StreamRow } from '../journal/journal-record.ts';
import { knownEvent } from './known-event.ts';

export function auditItems(report: ReportDamage): Audit {
  const living = new Map<string, ItemState>();
  const clusters = new Map<string, string>();
  const asks = new Map<string, string>();
  const askers = new Map<string, string>();
  const broken = new Set<string>();
  const streams: StreamRow[] = [];
  const takeEvent = (row: EventRow): void => {
    const stored = storedEventOf(row);
    if (/^(item|agent|question|approval|outbox):/.test(row.stream) && !knownEvent(stored)) {
      broken.add(row.stream);
      report(placeOf(row), `is ${row.kind} of schema ${row.schema}, which this version does not know`);
      return;
    }
    const asker = askerOf(row);
    if (asker !== null) askers.set(row.stream, asker);
    const unit = unitOfAsk(row, askers);
    if (unit !== null) asks.set(row.stream, unit);
    if (!row.stream.startsWith('item:') || broken.has(row.stream)) return;
    const state = advance(living.get(row.stream) ?? initialItem, readItemEvent(stored));
    if (state.cluster !== null) clusters.set(row.stream, state.cluster);
    living.set(row.stream, isFinal(state) ? endOf(state) : state);
  };
  return {
    take(record) {
      if (record.table === 'stream') streams.push(record.row);
      if (record.table !== 'event') return;
      try {
        takeEvent(record.row);
      } catch (error) {
        broken.add(record.row.stream);
        report(placeOf(record.row), `cannot follow what came before it: ${messageOf(error)}`);
      }
    },
    finish() {
      for (const { stream, project, claimUnit } of streams) {
        const expected = asks.get(stream) ?? claimUnitOf(stream, project, clusters);
        if (claimUnit !== expected) {
          report(stream, `belongs to claim unit ${claimUnit}; its events say ${expected}`);
        }
      }
    },
  };
}

/** A final item takes notes only; what it carried need not be kept for that. */
function endOf(state: ItemState): ItemState {
  return {
    ...initialItem,
    number: state.number,
    status: state.status,
    eventCount: state.eventCount,
    cluster: state.cluster,
  };
}

/** What is open belongs to the mesh, which sees to it; what is over leaves it. Null: the event moves nothing. */
function unitOfAsk({ stream, project, kind }: EventRow, askers: ReadonlyMap<string, string>): string | null {
  switch (kind) {
    case 'question.asked':
    case 'question.overturned':
    case 'approval.requested':
      return `mesh:${project}`;
    case 'question.recorded':
      return stream;
    case 'approval.filed':
      return askers.get(stream) ?? null;
    default:
      return null;
  }
}

/** The agent's stream. */
function askerOf({ kind, data }: EventRow): string | null {
  if (kind !== 'approval.requested') return null;
  return (JSON.parse(data) as { asker: { agent: string } }).asker.agent;
}

function claimUnitOf(stream: string, project: string, clusters: ReadonlyMap<string, string>): string {
  const item = /^(?:item|agent):([^/]+\/\d+)(?:\/|$)/.exec(stream)?.[1];
  return item === undefined ? stream : (clusters.get(`item:${item}`) ?? `mesh:${project}`);
}
