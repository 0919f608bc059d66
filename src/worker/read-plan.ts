/** The plan that an item works on, parsed once for each version of it. */
import { parsePlan } from '../artifacts/parse-plan.ts';
import type { Plan } from '../artifacts/plan.ts';
import type { ItemState } from '../items/item-state.ts';
import { readTextBlob } from '../journal/blob-text.ts';
import type { Journal } from '../journal/journal.ts';

/** Null while there is none, or none that can be read. */
export type PlanReader = (state: ItemState) => Promise<Plan | null>;

export function createPlanReader(journal: Journal): PlanReader {
  let last: { hash: string; plan: Plan | null } | null = null;
  return async ({ artifacts }) => {
    const hash = artifacts['plan.json'];
    if (!hash) return null;
    if (last?.hash !== hash) last = { hash, plan: parsePlan(await readTextBlob(journal, hash)).plan ?? null };
    return last.plan;
  };
}
