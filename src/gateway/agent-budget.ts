/**
 * The money of one agent at the door: which accounts its next call must fit in, what is left in them, and what the agent is
 * told of it. Holds no ceiling: the ledger does, in the unit of the reservation.
 */
import type { StreamId } from '../journal/event.ts';
import type { Journal } from '../journal/journal.ts';
import type { LedgerChange, ThresholdNotice } from '../journal/unit.ts';
import { type AccountPlan, agentAccount } from '../ledger/account-names.ts';
import { type BudgetView, budgetNote, judgeBudget } from '../ledger/budget.ts';
import type { DegradeStep } from '../policy/policy.ts';
import type { TapeState } from './tape.ts';
import type { TapeEvent } from './tape-event.ts';

export interface AgentBudget {
  /** Beside the agent's own account and its item's: of the step, the cluster, the mesh and the host, as they are called at that time. */
  outerAccounts: (atMs: number) => AccountPlan[];
  /** Who is told when little is left of an account. */
  threshold: ThresholdNotice;
  /** From the mildest to the hardest. */
  degrade: readonly DegradeStep[];
}

interface BudgetedAgent {
  agent: StreamId;
  /** Null: no ceiling of its own. */
  agentCeilingMicroUsd: number | null;
  itemAccount: string;
  budget: AgentBudget;
}

export interface Assignment {
  /** All that a call must fit in, the agent's first. */
  accounts: string[];
  /** To be recorded and changed in the unit of the reservation; empty while no window has ended. */
  events: TapeEvent[];
  ledger: LedgerChange[];
}

/** An account that is not open yet is opened by the reservation that needs it: no round trip of its own. */
export function assignAccounts(
  { agent, itemAccount, budget }: BudgetedAgent,
  tape: TapeState,
  nowMs: number,
): Assignment {
  const outer = budget.outerAccounts(nowMs);
  const names = outer.map(({ account }) => account);
  const accounts = [agentAccount(agent), itemAccount, ...names];
  const known = (tape.accounts ?? []).map(({ account }) => account);
  if (known.join('\n') === names.join('\n')) return { accounts, events: [], ledger: [] };
  return {
    accounts,
    events: [{ kind: 'accounts.assigned', data: { accounts: outer } }],
    ledger: outer.map((plan) => ({ op: 'ensure', ...plan })),
  };
}

/** As the accounts are now; one that is not open yet has all of its ceiling left. */
export async function readBudget(
  journal: Pick<Journal, 'accountsNamed'>,
  { agent, agentCeilingMicroUsd, itemAccount, budget }: BudgetedAgent,
  nowMs: number,
): Promise<BudgetView> {
  const wanted: Pick<AccountPlan, 'account' | 'ceilingMicroUsd'>[] = [
    { account: agentAccount(agent), ceilingMicroUsd: agentCeilingMicroUsd },
    { account: itemAccount, ceilingMicroUsd: null },
    ...budget.outerAccounts(nowMs),
  ];
  const open = await journal.accountsNamed(wanted.map(({ account }) => account));
  const rows = wanted.map(
    (plan) => open.get(plan.account) ?? { ...plan, spentMicroUsd: 0, reservedMicroUsd: 0 },
  );
  return judgeBudget(rows, budget.degrade);
}

/** What the agent is to be told of its own budget before its next turn; null: nothing that it was not told. */
export function noteOfBudget(
  { agent, agentCeilingMicroUsd, budget }: BudgetedAgent,
  tape: TapeState,
): { about: string; text: string } | null {
  const own = {
    account: agentAccount(agent),
    ceilingMicroUsd: agentCeilingMicroUsd,
    spentMicroUsd: tape.costMicroUsd,
    reservedMicroUsd: 0,
  };
  return budgetNote(own, budget.degrade, tape.told);
}
