/** One agent seated behind the whole door, over a real journal: every account that a call must fit in, secrets to look for. */
import { randomUUID } from 'node:crypto';
import type { Cell } from '../src/cells/cell.ts';
import { type AgentGateway, openAgentGateway } from '../src/gateway/agent-gateway.ts';
import type { ModelProvider } from '../src/gateway/model.ts';
import { streamId } from '../src/journal/event.ts';
import type { Claim, Journal } from '../src/journal/journal.ts';
import { clusterAccount, hostAccount, meshAccount, stepAccount } from '../src/ledger/account-names.ts';
import { createRedactor } from '../src/secrets/redactor.ts';
import { gatewayOptions, plainBudget } from '../test/doubles/gateway-options.ts';
import { claimItemAccount } from '../test/doubles/open-item-account.ts';

const project = 'bench';
const ceilingMicroUsd = 1_000_000_000;

/** Owned by nobody else, so the fence holds for the whole run. */
export function claimBench(journal: Journal): Promise<Claim> {
  const claimUnit = streamId('cluster', project, 'main');
  return claimItemAccount(journal, { project, claimUnit, ceilingMicroUsd, leaseMs: 3_600_000 });
}

export function seatBenchAgent(
  journal: Journal,
  claim: Claim,
  { name, provider }: { name: string; provider: ModelProvider },
): Promise<AgentGateway> {
  const options = gatewayOptions({
    journal,
    project,
    agent: streamId('agent', project, 1, name),
    claimUnit: claim.unit,
    fence: claim.fence,
    provider,
    agentCeilingMicroUsd: ceilingMicroUsd,
    budget: {
      ...plainBudget(project),
      outerAccounts: (atMs) => [
        { account: stepAccount(project, 1, name), ceilingMicroUsd, isShared: false },
        { account: clusterAccount(project, 'main', 'day', atMs), ceilingMicroUsd, isShared: false },
        { account: meshAccount(project, 'day', atMs), ceilingMicroUsd, isShared: false },
        { account: hostAccount('bench', 'month', atMs), ceilingMicroUsd, isShared: true },
      ],
    },
    redactor: createRedactor(
      ['ONE', 'TWO', 'THREE', 'FOUR', 'FIVE'].map((secret) => ({ name: secret, value: randomUUID() })),
    ),
    cell: noCell,
    callAttempts: 3,
  });
  return openAgentGateway(options);
}

/** No tool is called. */
const noCell = {} as Cell;
