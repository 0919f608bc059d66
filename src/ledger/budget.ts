/**
 * What is left to spend, and how an agent has to restrain itself: facts of accounts in, verdict out. Knows no calls and no
 * prompts; a ceiling is held by the ledger, whatever comes of this.
 */
import { formatUsd } from '../base/money.ts';
import type { AccountRow } from '../journal/unit.ts';
import type { DegradeStep } from '../policy/policy.ts';

export type AccountFigures = Pick<
  AccountRow,
  'account' | 'ceilingMicroUsd' | 'spentMicroUsd' | 'reservedMicroUsd'
>;

export interface BudgetView {
  /** Of which the smallest share is left; null: no account has a ceiling. */
  tightest: AccountFigures | null;
  /** The least that any account has left, so the most that can be spent; null: no ceiling. */
  leftMicroUsd: number | null;
  /** Of the tightest account's ceiling, 0 to 1. */
  leftShare: number;
  /** What the policy asks for at that share; null: nothing. */
  degradation: DegradeStep | null;
}

/** `degrade`: from the mildest to the hardest; the hardest that applies holds alone. */
export function judgeBudget(rows: readonly AccountFigures[], degrade: readonly DegradeStep[]): BudgetView {
  let tightest: AccountFigures | null = null;
  let leftMicroUsd: number | null = null;
  let leftShare = 1;
  for (const row of rows) {
    const { ceilingMicroUsd } = row;
    if (ceilingMicroUsd === null) continue;
    const left = leftOf(row) ?? 0;
    const share = ceilingMicroUsd === 0 ? 0 : left / ceilingMicroUsd;
    leftMicroUsd = Math.min(leftMicroUsd ?? left, left);
    if (tightest !== null && share >= leftShare) continue;
    tightest = row;
    leftShare = share;
  }
  const degradation = degrade.filter(({ below }) => leftShare < below).at(-1) ?? null;
  return { tightest, leftMicroUsd, leftShare, degradation };
}

/** Never below 0: a bill above what was reserved leaves nothing. Null: no ceiling. */
export function leftOf({ ceilingMicroUsd, spentMicroUsd, reservedMicroUsd }: AccountFigures): number | null {
  return ceilingMicroUsd === null ? null : Math.max(0, ceilingMicroUsd - spentMicroUsd - reservedMicroUsd);
}

/** For the agent, in its prompt and between its turns; null: there is no ceiling to speak of. */
export function describeBudget({ leftMicroUsd, leftShare, degradation }: BudgetView): string | null {
  if (leftMicroUsd === null) return null;
  const left = `${formatUsd(leftMicroUsd)} is left for model calls (${Math.floor(leftShare * 100)} % of the tightest budget).`;
  return degradation?.narrow
    ? `${left} That is little: finish the narrowest part of your task that is useful by itself, leave out the rest, and say what you left out.`
    : left;
}

/**
 * What an agent is to be told now that so much of its own budget is gone: once per step of the policy. `told`: occasions
 * on which it was told something.
 */
export function budgetNote(
  own: AccountFigures,
  degrade: readonly DegradeStep[],
  told: readonly string[],
): { about: string; text: string } | null {
  const view = judgeBudget([own], degrade);
  const about = `budget/${view.degradation?.below}`;
  const text = describeBudget(view);
  return view.degradation === null || text === null || told.includes(about) ? null : { about, text };
}
