import { describe, expect, it } from 'vitest';
import {
  account,
  agent,
  answering,
  ask,
  kindsOf,
  makeWorld,
  project,
  silent,
  usage,
} from '../../test/doubles/agent-world.ts';
import { price } from '../../test/doubles/gateway-options.ts';
import { streamId } from '../journal/event.ts';
import { agentAccount } from '../ledger/account-names.ts';
import { costOf } from '../ledger/cost.ts';
import { openAgentGateway } from './agent-gateway.ts';
import type { ModelProvider } from './model.ts';

describe('a model call', () => {
  it('reserves before it calls, settles what it cost on every account, and stands on the tape', async () => {
    const { journal, options } = await makeWorld();
    let reservedDuringCall = 0;
    const provider = answering({ content: [{ type: 'text', text: 'Four.' }], stop: 'end' });
    const generate = provider.generate;
    provider.generate = async (request, signal) => {
      reservedDuringCall = (await journal.account(account))?.reservedMicroUsd ?? 0;
      return generate(request, signal);
    };
    const gateway = await openAgentGateway(options({ provider }));
    const answer = await gateway.callModel(ask);
    const cost = costOf(usage, price);
    expect(answer).toMatchObject({ kind: 'reply', costMicroUsd: cost });
    expect(reservedDuringCall).toBeGreaterThan(cost);
    for (const name of [account, agentAccount(agent)]) {
      expect(await journal.account(name)).toMatchObject({ spentMicroUsd: cost, reservedMicroUsd: 0 });
    }
    expect(gateway.tape).toMatchObject({ calls: 1, costMicroUsd: cost, inDoubt: null });
    expect(gateway.tape.messages).toEqual([
      { role: 'assistant', content: [{ type: 'text', text: 'Four.' }] },
    ]);
    expect(await kindsOf(journal)).toEqual([
      'agent.seated',
      'prompt.recorded',
      'model.call_intended',
      'model.call_finished',
    ]);
  });

  it('whose provider breaks with words that the journal cannot hold leaves its record and its charge', async () => {
    const { journal, options } = await makeWorld();
    const provider = answering({ content: [], stop: 'end' });
    provider.generate = async () => {
      throw new Error('a\0b\ud800');
    };
    const gateway = await openAgentGateway(options({ provider }));
    await expect(gateway.callModel(ask)).rejects.toThrow('a\0b');
    expect((await journal.read(agent)).at(-1)).toMatchObject({
      kind: 'model.call_failed',
      data: { message: 'the provider broke: a\ufffdb\ufffd' },
    });
  });

  it('is not made when it could cross a ceiling, whichever account it is', async () => {
    for (const [itemCeiling, agentCeiling, full] of [
      [1000, 5_000_000, account],
      [5_000_000, 1000, agentAccount(agent)],
    ] as const) {
      const { journal, options } = await makeWorld(itemCeiling);
      const provider = answering({ content: [{ type: 'text', text: 'x' }], stop: 'end' });
      const gateway = await openAgentGateway(options({ provider, agentCeilingMicroUsd: agentCeiling }));
      const answer = await gateway.callModel(ask);
      expect(answer).toMatchObject({ kind: 'refused', refusal: { reason: 'over_ceiling', account: full } });
      expect(answer.kind === 'refused' && answer.message).toContain('ceiling of $0.0010');
      expect(provider.calls).toBe(0);
      expect((await kindsOf(journal)).at(-1)).toBe('model.call_refused');
      expect(await journal.account(full)).toMatchObject({ spentMicroUsd: 0, reservedMicroUsd: 0 });
    }
  });

  it('is not made when the item has no account at all', async () => {
    const { options } = await makeWorld();
    const provider = answering({ content: [{ type: 'text', text: 'x' }], stop: 'end' });
    const gateway = await openAgentGateway(options({ provider, itemAccount: 'item:orders-api/99' }));
    expect(await gateway.callModel(ask)).toMatchObject({ refusal: { reason: 'unknown_account' } });
    expect(provider.calls).toBe(0);
  });

  it('is tried again after the time the provider asks for, each attempt reserved anew', async () => {
    const { journal, clock, options } = await makeWorld();
    const busy = {
      kind: 'rate_limited' as const,
      message: 'slow down',
      isRetryable: true,
      retryAfterMs: 7000,
      mayHaveBilled: false,
      usage: null,
    };
    const provider = answering(
      { ok: false, failure: busy },
      { ok: false, failure: { ...busy, retryAfterMs: 60_000 } },
      { content: [{ type: 'text', text: 'ok' }], stop: 'end' },
    );
    const gateway = await openAgentGateway(options({ provider }));
    expect((await gateway.callModel(ask)).kind).toBe('reply');
    expect(clock.slept[0]).toBeGreaterThanOrEqual(7000);
    expect(clock.slept[0]).toBeLessThanOrEqual(8750);
    expect(clock.slept[1]).toBe(60_000);
    const reservations = await journal.reservations(project);
    expect(reservations.map(({ state }) => state).sort()).toEqual(['released', 'released', 'settled']);
    expect(gateway.tape.costMicroUsd).toBe(costOf(usage, price));
  });

  it('ends with the last failure when the attempts are used up, and at once when another attempt is pointless', async () => {
    for (const [isRetryable, expectedCalls] of [
      [true, 3],
      [false, 1],
    ] as const) {
      const { options } = await makeWorld();
      const failure = {
        kind: 'unavailable' as const,
        message: 'down',
        isRetryable,
        retryAfterMs: null,
        mayHaveBilled: false,
        usage: null,
      };
      const provider = answering({ ok: false, failure });
      const gateway = await openAgentGateway(options({ provider }));
      expect(await gateway.callModel(ask)).toEqual({ kind: 'failed', failure });
      expect(provider.calls).toBe(expectedCalls);
      expect(gateway.tape.costMicroUsd).toBe(0);
    }
  });

  it('is charged in full when it failed and may have been billed, and exactly when its tokens are known', async () => {
    const { journal, options } = await makeWorld();
    const failure = {
      kind: 'cut_off' as const,
      message: 'cut',
      isRetryable: false,
      retryAfterMs: null,
      mayHaveBilled: true,
      usage: null,
    };
    const provider = answering(
      { ok: false, failure },
      { ok: false, failure: { ...failure, kind: 'empty', usage } },
    );
    const gateway = await openAgentGateway(options({ provider }));
    await gateway.callModel(ask);
    const [full] = await journal.reservations(project);
    expect(full?.settledMicroUsd).toBe(full?.amountMicroUsd);
    await gateway.callModel(ask);
    expect(gateway.tape.costMicroUsd).toBe((full?.amountMicroUsd ?? 0) + costOf(usage, price));
    expect((await journal.account(account))?.spentMicroUsd).toBe(gateway.tape.costMicroUsd);
  });

  it('stops within the call when the agent is killed, and is charged in full', async () => {
    const { journal, options } = await makeWorld();
    const kill = new AbortController();
    const gateway = await openAgentGateway(options({ provider: silent, signal: kill.signal }));
    const call = gateway.callModel(ask);
    setTimeout(() => kill.abort(new Error('killed')), 10);
    await expect(call).rejects.toThrow('killed');
    const [reservation] = await journal.reservations(project);
    expect(reservation).toMatchObject({ state: 'settled', settledMicroUsd: reservation?.amountMicroUsd });
    await expect(gateway.callModel(ask)).rejects.toThrow('killed');
    expect(await journal.reservations(project)).toHaveLength(1);
  });
});

describe('16 agents at once under one item ceiling', () => {
  it('never spend and reserve more than the ceiling; what does not fit is refused and not called', async () => {
    const ceiling = 300_000;
    const { journal, clock, options } = await makeWorld(ceiling);
    let highest = 0;
    let calls = 0;
    const greedy: ModelProvider = {
      name: 'scripted',
      isRealModel: false,
      generate: async (request) => {
        calls += 1;
        const row = await journal.account(account);
        highest = Math.max(highest, (row?.spentMicroUsd ?? 0) + (row?.reservedMicroUsd ?? 0));
        await new Promise((resolve) => setTimeout(resolve, calls % 3));
        // Uses all the output it may.
        const spent = {
          inputTokens: 60,
          cacheReadTokens: 0,
          cacheWriteTokens: 20,
          outputTokens: request.maxOutputTokens,
        };
        return {
          ok: true,
          reply: { content: [{ type: 'text', text: 'more' }], stop: 'max_tokens', usage: spent },
        };
      },
    };
    const outcomes = await Promise.all(
      Array.from({ length: 16 }, async (_, index) => {
        const own = streamId('agent', project, 1, 'build', `T${index}`, 'developer', 1);
        const gateway = await openAgentGateway(options({ agent: own, provider: greedy, clock }));
        const kinds: string[] = [];
        for (let turn = 0; turn < 8 && kinds.at(-1) !== 'refused'; turn += 1) {
          kinds.push((await gateway.callModel(ask)).kind);
        }
        return kinds;
      }),
    );
    const row = await journal.account(account);
    expect(highest).toBeLessThanOrEqual(ceiling);
    expect(row?.spentMicroUsd).toBeLessThanOrEqual(ceiling);
    expect(row?.spentMicroUsd).toBeGreaterThan(ceiling * 0.9);
    expect(row?.reservedMicroUsd).toBe(0);
    const replies = outcomes.flat().filter((kind) => kind === 'reply').length;
    expect(replies).toBe(calls);
    expect(outcomes.every((kinds) => kinds.at(-1) === 'refused')).toBe(true);
  });
});
