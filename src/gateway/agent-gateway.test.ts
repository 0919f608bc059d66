import { describe, expect, it, onTestFinished } from 'vitest';
import { account, agent, ask, makeWorld, type World } from '../../test/doubles/agent-world.ts';
import { model, price } from '../../test/doubles/gateway-options.ts';
import { makeRole } from '../../test/doubles/make-role.ts';
import { type Fault, type ModelServer, startModelServer } from '../../test/doubles/model-server.ts';
import { agentAccount } from '../ledger/account-names.ts';
import { costOf } from '../ledger/cost.ts';
import { type AgentGateway, openAgentGateway } from './agent-gateway.ts';
import { createProvider } from './providers/create-provider.ts';

describe('seating an agent', () => {
  it('records who sits where on which model and opens its account, once', async () => {
    const { journal, options } = await makeWorld();
    await openAgentGateway(options({ role: makeRole({ tools: ['read'] }), deliverables: ['plan.json'] }));
    await openAgentGateway(options());
    const events = await journal.read(agent);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      kind: 'agent.seated',
      actor: agent,
      data: {
        role: 'developer',
        model,
        provider: 'scripted',
        isRealModel: false,
        tools: ['read', 'deliver'],
      },
    });
    expect(await journal.account(agentAccount(agent))).toMatchObject({ ceilingMicroUsd: 5_000_000 });
  });
});

describe('a whole conversation over HTTP', () => {
  async function talk(
    name: 'anthropic' | 'openai-compatible',
    faults: Fault[],
  ): Promise<{ gateway: AgentGateway; server: ModelServer; world: World }> {
    const server = await startModelServer({
      brain: ({ messages }) => {
        const results = messages.flatMap(({ toolResults }) => toolResults);
        if (results.length === 0) return { toolCalls: [{ name: 'read', input: { path: 'src/add.ts' } }] };
        return { text: `I saw: ${results[0]?.output}` };
      },
      faults,
    });
    onTestFinished(server.close);
    const world = await makeWorld();
    const provider = createProvider({ name, baseUrl: server.baseUrl, apiKey: 'test-key' });
    const gateway = await openAgentGateway(world.options({ provider, callAttempts: 5 }));
    const first = await gateway.callModel(ask);
    if (first.kind !== 'reply') throw new Error(`no reply: ${JSON.stringify(first)}`);
    for (const part of first.reply.content) if (part.type === 'tool_call') await gateway.callTool(part);
    await gateway.callModel({ ...ask, messages: [...ask.messages, ...gateway.tape.messages] });
    await gateway.finish({ outcome: 'done', summary: 'read it', commit: null, findings: [] });
    return { gateway, server, world };
  }

  it.each(['anthropic', 'openai-compatible'] as const)(
    'costs what the %s server billed, to the micro-dollar',
    async (name) => {
      const { gateway, server, world } = await talk(name, [
        { kind: 'rate_limited', retryAfter: '2' },
        { kind: 'overloaded' },
        { kind: 'empty' },
        { kind: 'none' },
        { kind: 'rate_limited' },
      ]);
      const billed = server.billed.reduce((sum, bill) => sum + costOf(bill.usage, price), 0);
      expect(gateway.tape.costMicroUsd).toBe(billed);
      expect(await world.journal.account(account)).toMatchObject({
        spentMicroUsd: billed,
        reservedMicroUsd: 0,
      });
      expect(JSON.stringify(gateway.tape.messages.at(-1))).toContain('I saw: export const add = 1;');
      expect(gateway.tape.ending?.outcome).toBe('done');
      expect(server.servedCount).toBe(gateway.tape.calls);
      expect(server.billed).toHaveLength(3);
    },
  );

  it.each(['anthropic', 'openai-compatible'] as const)(
    'never costs less than the %s server billed when answers break',
    async (name) => {
      const { gateway, server } = await talk(name, [
        { kind: 'cut_body' },
        { kind: 'malformed_json' },
        { kind: 'hang_up' },
      ]);
      const billed = server.billed.reduce((sum, bill) => sum + costOf(bill.usage, price), 0);
      expect(server.billed).toHaveLength(5);
      expect(gateway.tape.costMicroUsd).toBeGreaterThanOrEqual(billed);
    },
  );
});
