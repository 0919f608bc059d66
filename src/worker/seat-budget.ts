/** The money of one seat: its accounts with the ceilings that hold now, what is left in them, and how it pauses its item. */
import type { AgentOutcome } from '../agents/run-agent.ts';
import { type AgentBudget, readBudget } from '../gateway/agent-budget.ts';
import type { Pause } from '../items/item-event.ts';
import { type StreamId, streamId } from '../journal/event.ts';
import { itemAccount } from '../ledger/account-names.ts';
import { outerAccounts } from '../ledger/accounts.ts';
import type { BudgetView } from '../ledger/budget.ts';
import { judgeCeiling } from '../ledger/judge-ceiling.ts';
import { clusterName } from './drive-mesh.ts';
import type { EffectRequest, StepEffect } from './effect.ts';

export interface SeatBudget {
  agentCeilingMicroUsd: number | null;
  itemAccount: string;
  budget: AgentBudget;
  /** As it was when the agent was seated: by it the model is chosen and the prompt says what is left. */
  left: BudgetView;
}

export async function readSeatBudget(
  { context, state }: Pick<EffectRequest, 'context' | 'state'>,
  effect: Pick<StepEffect, 'agent' | 'step'>,
): Promise<SeatBudget> {
  const { journal, project, policy, hostPolicy, host, clock } = context;
  const agent = effect.agent as StreamId;
  const place = { project, store: host, cluster: clusterName, item: state.number, step: effect.step };
  const given = { policy: policy.ceilings, host: hostPolicy };
  const budget: AgentBudget = {
    outerAccounts: (atMs) => outerAccounts(place, given, atMs),
    threshold: { stream: streamId('mesh', project), permille: policy.ceilings.thresholdPermille },
    degrade: policy.degrade,
  };
  // A person may have raised it while the agent waited.
  const row = await journal.account(agent);
  const seat = {
    agentCeilingMicroUsd: row ? row.ceilingMicroUsd : context.agentCeiling,
    itemAccount: itemAccount(project, state.number),
    budget,
  };
  return { ...seat, left: await readBudget(journal, { agent, ...seat }, clock.now()) };
}

/** Null: the run has come to an end. Else the agent keeps its seat, its tape and its files. */
export function pauseOf(
  { context, state }: Pick<EffectRequest, 'context' | 'state'>,
  { step }: Pick<StepEffect, 'step'>,
  outcome: AgentOutcome,
): Pause | null {
  if (outcome.outcome === 'postponed') {
    const { message, until } = outcome;
    return { reason: 'quota', message: `${step}: ${message}`, ask: 'engineering_lead', account: null, until };
  }
  if (outcome.outcome !== 'ceiling') return null;
  const { refusal } = outcome;
  const { policy, hostPolicy } = context;
  const facts = { item: state.number, raiseBy: policy.ceilings.raiseBy, hostRaiseBy: hostPolicy.raiseBy };
  const { message, ask, until } = judgeCeiling({ refusal, ...facts });
  const account = refusal.account;
  return { reason: 'ceiling', message: `${step} stopped at a ceiling: ${message}`, ask, account, until };
}
