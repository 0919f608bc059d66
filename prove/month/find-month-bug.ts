/** Runs short months with one guard of the product taken out, until the observer finds it. */
import path from 'node:path';
import { runInChildren } from '../run-in-children.ts';
import type { MonthOrder, MonthOutcome } from './child.ts';
import type { Problem } from './observation.ts';

export interface FoundBug {
  /** Null: no month of these showed it. */
  seed: number | null;
  /** The first promise that it broke. */
  problem: Problem | null;
  problemCount: number;
}

/** @param name of a planted bug; null: the product as it is. @throws on abort. */
export async function findMonthBug(
  name: string | null,
  options: { orders: readonly MonthOrder[]; signal: AbortSignal },
): Promise<FoundBug> {
  const outcomes: MonthOutcome[] = [];
  await runInChildren<MonthOrder, MonthOutcome>({
    program: path.join(import.meta.dirname, 'child.ts'),
    args: name === null ? [] : [name],
    orders: options.orders,
    processes: 1,
    signal: options.signal,
    onOutcome: (outcome) => {
      outcomes.push(outcome);
      return outcome.problemCount === 0;
    },
  });
  const found = outcomes.findIndex(({ problemCount }) => problemCount > 0);
  const { problemCount = 0, problems: [problem = null] = [] } = outcomes[found] ?? {};
  return { seed: options.orders[found]?.seed ?? null, problem, problemCount };
}
