/** One agent seated behind the whole door, over a real journal: every account that a call must fit in, secrets to look for. */
import { randomUUID } from 'node:crypto';
import { systemClock } from '../src/base/clock.ts';
import type { Cell } from '../src/cells/cell.ts';
import { openDoor } from '../src/controls/control-door.ts';
import { type AgentGateway, openAgentGateway } from '../src/gateway/agent-gateway.ts';
import type { ModelProvider } from '../src/gateway/model.ts';
import { streamId } from '../src/journal/event.ts';
import type { Claim, Journal } from '../src/journal/journal.ts';
import {
  clusterAccount,
  hostAccount,
  itemAccount,
  meshAccount,
  stepAccount,
} from '../src/ledger/account-names.ts';
import { priceOf } from '../src/ledger/price-of.ts';
import { createRedactor } from '../src/secrets/redactor.ts';
import { makeRole } from '../test/doubles/make-role.ts';
import { noLimits } from '../test/doubles/no-limits.ts';

export const model = 'claude-sonnet-5-5';
const project = 'bench';
const ceilingMicroUsd = 1_000_000_000;

/** Owned by nobody else, so the fence holds for the whole run. */
export async function claimBench(journal: Journal): Promise<Claim> {
  const claimUnit = streamId('cluster', project, 'main');
  await journal.append({
    id: randomUUID(),
    project,
    stream: streamId('item', project, 1),
    expectedVersion: 0,
    fence: null,
    claimUnit,
    events: [{ kind: 'item.added', schema: 1, actor: 'person:bench', data: {} }],
    ledger: [{ op: 'open', account: itemAccount(project, 1), ceilingMicroUsd }],
  });
  const claim = await journal.claimUnit(claimUnit, { owner: 'bench', host: 'bench', leaseMs: 3_600_000 });
  if (!claim) throw new Error('nobody else can hold the claim');
  return claim;
}

export function seatBenchAgent(
  journal: Journal,
  claim: Claim,
  { name, provider }: { name: string; provider: ModelProvider },
): Promise<AgentGateway> {
  const price = priceOf(model, {});
  if (!price) throw new Error(`${model} has no price`);
  return openAgentGateway({
    journal,
    project,
    agent: streamId('agent', project, 1, name),
    claimUnit: claim.unit,
    fence: claim.fence,
    provider,
    model,
    price,
    agentCeilingMicroUsd: ceilingMicroUsd,
    itemAccount: itemAccount(project, 1),
    budget: {
      outerAccounts: (atMs) => [
        { account: stepAccount(project, 1, name), ceilingMicroUsd, isShared: false },
        { account: clusterAccount(project, 'main', 'day', atMs), ceilingMicroUsd, isShared: false },
        { account: meshAccount(project, 'day', atMs), ceilingMicroUsd, isShared: false },
        { account: hostAccount('bench', 'month', atMs), ceilingMicroUsd, isShared: true },
      ],
      threshold: { stream: streamId('mesh', project), permille: 800 },
      degrade: [],
    },
    role: makeRole(),
    deliverables: [],
    checkDeliverable: () => [],
    redactor: createRedactor(
      ['ONE', 'TWO', 'THREE', 'FOUR', 'FIVE'].map((secret) => ({ name: secret, value: randomUUID() })),
    ),
    controls: openDoor,
    people: null,
    approvals: null,
    cell: noCell,
    clock: systemClock,
    route: { tier: 'medium', why: 'the bench' },
    limits: noLimits({ journal, project }),
    callAttempts: 3,
    seat: { project, item: 1, itemTitle: 'Bench', role: 'developer', step: name, task: null, round: 1 },
    signal: new AbortController().signal,
    newId: randomUUID,
  });
}

/** No tool is called. */
const noCell = {} as Cell;
