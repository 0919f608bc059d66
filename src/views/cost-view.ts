/** Who spent what, summed from the tapes; accounts in the ledger are the authority on totals and both are shown. */
import { formatUsd } from '../base/money.ts';
import { readTapeEvent } from '../gateway/tape-codec.ts';
import type { TapeEvent } from '../gateway/tape-event.ts';
import type { StoredEvent } from '../journal/event.ts';
import type { Journal } from '../journal/journal.ts';
import { costOf } from '../ledger/cost.ts';
import type { ListPrice } from '../ledger/price-snapshot.ts';
import type { CostGrouping } from './cost-grouping.ts';
import { itemOf } from './describe-event.ts';
import { findUnmetered, type UnmeteredAgent } from './unmetered.ts';

export interface CostRow {
  key: string;
  calls: number;
  failedCalls: number;
  inputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  outputTokens: number;
  costMicroUsd: number;
  /** Billed above what had been reserved, call by call. */
  overshootMicroUsd: number;
}

export interface CostView {
  by: CostGrouping;
  rows: CostRow[];
  total: CostRow;
  /** False when any of it came from the scripted provider, whose costs are simulated. */
  isReal: boolean;
  /** What the same tokens would have cost on the frontier tier's model, call by call; null: its price is not known. Computed, never billed. */
  allFrontier: { model: string; costMicroUsd: number } | null;
  /** Outside agents whose spending is in no row. */
  unmetered: UnmeteredAgent[];
}

export interface CostRequest {
  project: string;
  by: CostGrouping;
  /** Of the frontier tier; null: its price is not known. */
  frontier: { model: string; price: ListPrice } | null;
}

export async function viewCost(journal: Journal, { project, by, frontier }: CostRequest): Promise<CostView> {
  const rows = new Map<string, CostRow>();
  const total = emptyRow('total');
  let isReal = true;
  let frontierMicroUsd = 0;
  const heads = await journal.streams(project, { prefix: 'agent:' });
  for (const { stream } of heads) {
    let seat = { role: '?', model: '?' };
    const reserved = new Map<string, number>();
    for (const event of await journal.read(stream)) {
      const typed = readTapeEvent(event);
      if (typed.kind === 'agent.seated') {
        seat = { role: typed.data.role, model: typed.data.model };
        isReal &&= typed.data.isRealModel;
      }
      if (typed.kind === 'model.call_intended') {
        reserved.set(typed.data.call, typed.data.reservedMicroUsd);
        // An equal may have stood in for the seat's.
        seat.model = typed.data.model;
      }
      if (typed.kind !== 'model.call_finished' && typed.kind !== 'model.call_failed') continue;
      const key = keyOf(by, event, seat);
      const row = rows.get(key) ?? emptyRow(key);
      rows.set(key, row);
      const bound = reserved.get(typed.data.call) ?? typed.data.costMicroUsd;
      addCall(row, typed, bound);
      addCall(total, typed, bound);
      const { usage, costMicroUsd } = typed.data;
      frontierMicroUsd += frontier && usage ? costOf(usage, frontier.price) : costMicroUsd;
    }
  }
  const order = (a: CostRow, b: CostRow) =>
    by === 'day' || by === 'item'
      ? a.key.localeCompare(b.key, 'en', { numeric: true })
      : b.costMicroUsd - a.costMicroUsd;
  return {
    by,
    rows: [...rows.values()].sort(order),
    total,
    isReal,
    allFrontier: frontier && { model: frontier.model, costMicroUsd: frontierMicroUsd },
    unmetered: await findUnmetered(journal, project),
  };
}

/** What routing to smaller tiers spared, as a figure that nobody was billed. */
export function describeFrontier(
  frontier: { model: string; costMicroUsd: number },
  costMicroUsd: number,
): string {
  const sparedMicroUsd = frontier.costMicroUsd - costMicroUsd;
  const share = frontier.costMicroUsd > 0 ? Math.round((sparedMicroUsd / frontier.costMicroUsd) * 100) : 0;
  return `Computed: the same tokens all on ${frontier.model} ${formatUsd(frontier.costMicroUsd)}, ${formatUsd(sparedMicroUsd)} more; ${share} % of it saved.`;
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
  reservedMicroUsd: number,
): void {
  row.calls += 1;
  if (event.kind === 'model.call_failed') row.failedCalls += 1;
  row.costMicroUsd += event.data.costMicroUsd;
  row.overshootMicroUsd += Math.max(0, event.data.costMicroUsd - reservedMicroUsd);
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
    overshootMicroUsd: 0,
  };
}
