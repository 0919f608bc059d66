/** What an agent's calls are reserved on, and what it is told of its budget. */
import { describe, expect, it } from 'vitest';
import { account, answering, ask, kindsOf, makeWorld, project } from '../../test/doubles/agent-world.ts';
import { plainBudget } from '../../test/doubles/gateway-options.ts';
import { meshAccount } from '../ledger/account-names.ts';
import type { AgentBudget } from './agent-budget.ts';
import { openAgentGateway } from './agent-gateway.ts';

const dayMs = 24 * 60 * 60_000;

function meshBudget(ceilingMicroUsd: number | null): AgentBudget {
  return {
    ...plainBudget(project),
    outerAccounts: (atMs) => [
      { account: meshAccount('orders-api', 'day', atMs), ceilingMicroUsd, isShared: false },
    ],
  };
}

describe('the accounts of a call', () => {
  it('are opened by the reservation itself, said once on the tape, and change with the window', async () => {
    const { journal, clock, options } = await makeWorld();
    const gateway = await openAgentGateway(options({ budget: meshBudget(1_000_000) }));
    await gateway.callModel(ask);
    await gateway.callModel(ask);
    const first = meshAccount('orders-api', 'day', clock.now());
    await clock.sleep(dayMs);
    await gateway.callModel(ask);
    const second = meshAccount('orders-api', 'day', clock.now());
    expect((await kindsOf(journal)).filter((kind) => kind === 'accounts.assigned')).toHaveLength(2);
    const [one, two, item] = await Promise.all([first, second, account].map((id) => journal.account(id)));
    expect(one?.spentMicroUsd).toBeGreaterThan(two?.spentMicroUsd ?? 0);
    expect(two).toMatchObject({ ceilingMicroUsd: 1_000_000 });
    expect(item?.spentMicroUsd).toBe((one?.spentMicroUsd ?? 0) + (two?.spentMicroUsd ?? 0));
  });

  it('are those of the moment in which it was reserved, however late it is settled', async () => {
    const { journal, clock, options } = await makeWorld();
    const provider = answering({ content: [{ type: 'text', text: 'ok' }], stop: 'end' });
    const slow = {
      ...provider,
      generate: async (...args: Parameters<typeof provider.generate>) => {
        await clock.sleep(dayMs);
        return provider.generate(...args);
      },
    };
    const before = meshAccount('orders-api', 'day', clock.now());
    const gateway = await openAgentGateway(options({ provider: slow, budget: meshBudget(null) }));
    await gateway.callModel(ask);
    expect((await journal.account(before))?.spentMicroUsd).toBeGreaterThan(0);
    expect(await journal.account(meshAccount('orders-api', 'day', clock.now()))).toBeUndefined();
  });

  it('refuse before the provider is called, and nothing is opened for a call that was not made', async () => {
    const { journal, clock, options } = await makeWorld();
    const provider = answering({ content: [{ type: 'text', text: 'ok' }], stop: 'end' });
    const gateway = await openAgentGateway(options({ provider, budget: meshBudget(10) }));
    const mesh = meshAccount('orders-api', 'day', clock.now());
    expect(await gateway.callModel(ask)).toMatchObject({ kind: 'refused', refusal: { account: mesh } });
    expect(provider.calls).toBe(0);
    expect(await journal.account(mesh)).toBeUndefined();
  });
});

describe('an agent', () => {
  it('is told once that little of its own budget is left, also when it is opened again', async () => {
    const { options } = await makeWorld();
    const degrade = [{ below: 0.999, tier: null, attempts: null, narrow: true }];
    const given = options({ budget: { ...plainBudget(project), degrade }, agentCeilingMicroUsd: 200_000 });
    const gateway = await openAgentGateway(given);
    await gateway.tellBudget();
    expect(gateway.tape.told).toEqual([]);
    await gateway.callModel(ask);
    await gateway.tellBudget();
    await gateway.tellBudget();
    const again = await openAgentGateway(given);
    await again.tellBudget();
    expect(again.tape.told).toEqual(['budget/0.999']);
    expect(again.tape.messages.at(-1)).toMatchObject({
      role: 'user',
      content: [{ type: 'text', text: expect.stringContaining('narrowest part') }],
    });
  });

  it('can ask what is left of the tightest of its accounts', async () => {
    const { options } = await makeWorld(1_000_000);
    const gateway = await openAgentGateway(options({ budget: meshBudget(500_000) }));
    expect(await gateway.budget()).toMatchObject({ leftMicroUsd: 500_000, leftShare: 1 });
    await gateway.callModel(ask);
    const { tightest, leftMicroUsd } = await gateway.budget();
    expect(tightest?.account).toMatch(/^mesh:/);
    expect(leftMicroUsd).toBe(500_000 - gateway.tape.costMicroUsd);
  });
});
