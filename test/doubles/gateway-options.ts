/** Options of a gateway, with all that its user says nothing about: no ceiling, rate or control, no secrets, and nobody to ask. */
import { randomUUID } from 'node:crypto';
import { systemClock } from '../../src/base/clock.ts';
import { openDoor } from '../../src/controls/control-door.ts';
import type { AgentGatewayOptions } from '../../src/gateway/agent-gateway.ts';
import { streamId } from '../../src/journal/event.ts';
import { itemAccount } from '../../src/ledger/account-names.ts';
import { priceOf } from '../../src/ledger/price-of.ts';
import type { ListPrice } from '../../src/ledger/price-snapshot.ts';
import { noSecrets } from '../../src/secrets/redactor.ts';
import { makeRole } from './make-role.ts';
import { noLimits } from './no-limits.ts';

export const model = 'claude-sonnet-5-5';
export const price = knownPrice(model);

type Needed = Pick<
  AgentGatewayOptions,
  'journal' | 'project' | 'agent' | 'claimUnit' | 'fence' | 'provider' | 'cell'
>;

/** The agent works on item 1. */
export function gatewayOptions(given: Needed & Partial<AgentGatewayOptions>): AgentGatewayOptions {
  const { journal, project, clock = systemClock } = given;
  return {
    model,
    price,
    agentCeilingMicroUsd: null,
    itemAccount: itemAccount(project, 1),
    budget: plainBudget(project),
    role: makeRole(),
    deliverables: [],
    checkDeliverable: () => [],
    people: null,
    approvals: null,
    redactor: noSecrets,
    controls: openDoor,
    clock,
    callAttempts: 1,
    route: { tier: 'medium', why: 'a test' },
    limits: noLimits({ journal, project, clock }),
    seat: {
      project,
      item: 1,
      itemTitle: 'Add',
      role: 'developer',
      step: 'build/T1/developer',
      task: 'T1',
      round: 1,
    },
    signal: new AbortController().signal,
    newId: randomUUID,
    ...given,
  };
}

/** No accounts beside the agent's and the item's. */
export function plainBudget(project: string): AgentGatewayOptions['budget'] {
  return {
    outerAccounts: () => [],
    threshold: { stream: streamId('mesh', project), permille: 800 },
    degrade: [],
  };
}

function knownPrice(id: string): ListPrice {
  const listed = priceOf(id, {});
  if (!listed) throw new Error(`${id} has no price`);
  return listed;
}
