/** Accounts on the screen: the table of `cost`, and the lines of `status` for those that are nearly used up. */
import { systemClock } from '../base/clock.ts';
import { formatUsd } from '../base/money.ts';
import { type AccountView, viewAccounts } from '../views/account-view.ts';
import type { ProjectSession } from './session.ts';
import { table } from './terminal.ts';

export function accountsNow({ store, project, policy }: ProjectSession): Promise<AccountView[]> {
  const { thresholdPermille } = policy.ceilings;
  return viewAccounts(store.journal, project, { nowMs: systemClock.now(), thresholdPermille });
}

/** Steps and agents only where little is left: there are many of them, and `--json` has them all. */
export function accountTable(accounts: readonly AccountView[]): string[] {
  const shown = accounts.filter(
    ({ kind, isOverThreshold }) => isOverThreshold || (kind !== 'step' && kind !== 'agent'),
  );
  const rows = shown.map((each) => [
    each.account,
    each.window,
    formatUsd(each.spentMicroUsd),
    formatUsd(each.reservedMicroUsd),
    orNone(each.ceilingMicroUsd),
    orNone(each.leftMicroUsd),
    orNone(each.thresholdMicroUsd),
  ]);
  return table([['account', 'window', 'spent', 'reserved', 'ceiling', 'left', 'told at'], ...rows]);
}

export function describeBudgetRow(view: AccountView): string {
  const used = view.spentMicroUsd + view.reservedMicroUsd;
  return `budget: ${view.account} has ${formatUsd(used)} of ${orNone(view.ceilingMicroUsd)} spent or reserved`;
}

function orNone(amountMicroUsd: number | null): string {
  return amountMicroUsd === null ? 'none' : formatUsd(amountMicroUsd);
}
