/** Who spent what, summed from the tapes; accounts in the ledger are the authority on totals and both are shown. */
import { readTapeEvent } from '../gateway/tape-codec.ts';
import type { TapeEvent } from '../gateway/tape-event.ts';
import type { StoredEvent } from '../journal/event.ts';
import type { Journal } from '../journal/journal.ts';
import { itemOf } from './describe-event.ts';

export type CostGrouping = 'role' | 'item' | 'model' | 'day';
export const costGroupings: readonly CostGrouping[] = ['role', 'item', 'model', 'day'];

export interface CostRow {
  key: string;
  calls: number;
  failedCalls: number;
  inputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  outputTokens: number;
  costMicroUsd: number;
}

export interface CostView {
  by: CostGrouping;
  rows: CostRow[];
  total: CostRow;
  /** False when any of it came from the scripted provider, whose costs are simulated. */
  isReal: boolean;
}

export async function viewCost(journal: Journal, project: string, by: CostGrouping): Promise<CostView> {
  const rows = new Map<string, CostRow>();
  const total = emptyRow('total');
  let isReal = true;
  const heads = await journal.streams(project, { prefix: 'agent:' });
  for (const { stream } of heads) {
    let seat = { role: '?', model: '?' };
    for (const event of await journal.read(stream)) {
      const typed = readTapeEvent(event);
      if (typed.kind === 'agent.seated') {
        seat = { role: typed.data.role, model: typed.data.model };
        isReal &&= typed.data.isRealModel;
      }
      if (typed.kind !== 'model.call_finished' && typed.kind !== 'model.call_failed') continue;
      const key = keyOf(by, event, seat);
      const row = rows.get(key) ?? emptyRow(key);
      rows.set(key, row);
      addCall(row, typed);
      addCall(total, typed);
    }
  }
  const order = (a: CostRow, b: CostRow) =>
    by === 'day' || by === 'item'
      ? a.key.localeCompare(b.key, 'en', { numeric: true })
      : b.costMicroUsd - a.costMicroUsd;
  return { by, rows: [...rows.values()].sort(order), total, isReal };
}

function keyOf(by: CostGrouping, event: StoredEvent, seat: { role: string; model: string }): string {
  switch (by) {
    case 'role':
      return seat.role;
    case 'model':
      return seat.model;
    case 'item':
      return `#${itemOf(event) ?? '?'}`;
    case 'day':
      return event.at.slice(0, 10);
  }
}

function addCall(
  row: CostRow,
  event: Extract<TapeEvent, { kind: 'model.call_finished' | 'model.call_failed' }>,
): void {
  row.calls += 1;
  if (event.kind === 'model.call_failed') row.failedCalls += 1;
  row.costMicroUsd += event.data.costMicroUsd;
  const { usage } = event.data;
  if (!usage) return;
  row.inputTokens += usage.inputTokens;
  row.cacheReadTokens += usage.cacheReadTokens;
  row.cacheWriteTokens += usage.cacheWriteTokens;
  row.outputTokens += usage.outputTokens;
}

function emptyRow(key: string): CostRow {
  return {
    key,
    calls: 0,
    failedCalls: 0,
    inputTokens: 0,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: 0,
    costMicroUsd: 0,
  };
}
