/** Accounts as a person looks at them: what each may spend in its window, has spent, holds and has left. */
import type { Journal } from '../journal/journal.ts';
import { type AccountRow, sharedProject } from '../journal/unit.ts';
import { type AccountKind, type AccountWindow, parseAccount } from '../ledger/account-names.ts';
import { leftOf } from '../ledger/budget.ts';

export interface AccountView {
  account: string;
  kind: AccountKind;
  window: AccountWindow;
  /** When the window ends, ISO time; null: with the thing itself. */
  endsAt: string | null;
  /** Null: no ceiling. So are the next two. */
  ceilingMicroUsd: number | null;
  leftMicroUsd: number | null;
  /** At so much spent or reserved people are told. */
  thresholdMicroUsd: number | null;
  spentMicroUsd: number;
  reservedMicroUsd: number;
  isOverThreshold: boolean;
}

/** Of the windows that run now, from the widest to the narrowest. Those of the host are shared by all projects. */
export async function viewAccounts(
  journal: Journal,
  project: string,
  { nowMs, thresholdPermille }: { nowMs: number; thresholdPermille: number },
): Promise<AccountView[]> {
  const rows = [...(await journal.accounts(sharedProject)), ...(await journal.accounts(project))];
  return rows
    .flatMap((row) => viewAccount(row, thresholdPermille) ?? [])
    .filter(({ endsAt }) => endsAt === null || Date.parse(endsAt) > nowMs)
    .sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
}

const order: readonly AccountKind[] = ['host', 'mesh', 'cluster', 'item', 'step', 'agent'];

/** Null for an account that this version did not open. */
function viewAccount(row: AccountRow, thresholdPermille: number): AccountView | null {
  const parsed = parseAccount(row.account);
  if (!parsed) return null;
  const { account, ceilingMicroUsd, spentMicroUsd, reservedMicroUsd } = row;
  const thresholdMicroUsd =
    ceilingMicroUsd === null ? null : Math.ceil((ceilingMicroUsd * thresholdPermille) / 1_000);
  return {
    account,
    kind: parsed.kind,
    window: parsed.window,
    endsAt: parsed.endsAt,
    ceilingMicroUsd,
    leftMicroUsd: leftOf(row),
    thresholdMicroUsd,
    spentMicroUsd,
    reservedMicroUsd,
    isOverThreshold: thresholdMicroUsd !== null && spentMicroUsd + reservedMicroUsd >= thresholdMicroUsd,
  };
}
