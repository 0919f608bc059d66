import { describe, expect, it } from 'vitest';
import {
  agent,
  answering,
  ask,
  kindsOf,
  makeWorld,
  project,
  toolCall,
} from '../../test/doubles/agent-world.ts';
import { noLimits } from '../../test/doubles/no-limits.ts';
import { streamId } from '../journal/event.ts';
import { priceOf } from '../ledger/price-of.ts';
import { quotaStream } from '../ledger/quota-window.ts';
import { openAgentGateway } from './agent-gateway.ts';
import type { CallLimits, CallPlace } from './call-limits.ts';
import type { ModelFailure, ModelProvider } from './model.ts';

const ok = { content: [{ type: 'text' as const, text: 'ok' }], stop: 'end' as const };
const down: ModelFailure = {
  kind: 'unavailable',
  message: 'down',
  isRetryable: true,
  retryAfterMs: null,
  mayHaveBilled: false,
  usage: null,
};
const usedUp: ModelFailure = { ...down, kind: 'rate_limited', message: 'used up', retryAfterMs: 3_600_000 };
const outOfCredit: ModelFailure = { ...usedUp, message: 'no credit', isRetryable: false, retryAfterMs: null };

function failing(failure: ModelFailure) {
  return answering({ ok: false, failure });
}

function equal(model: string, via: ModelProvider): CallPlace {
  const price = priceOf(model, {});
  if (!price) throw new Error(`${model} has no price`);
  return { provider: via.name, model, price, via };
}

type Opened = Awaited<ReturnType<typeof makeWorld>>;

/** The n-th agent of the world, with the limits that all of them share. */
function seat({ options }: Opened, number: number, provider: ModelProvider, limits: CallLimits) {
  const stream = streamId('agent', project, 1, 'build', `T${number}`, 'developer', 1);
  return openAgentGateway(options({ agent: stream, provider, limits }));
}

describe('a model whose quota is used up until a known moment', () => {
  it('is called once; every agent, in whatever process, is told until when, and nothing is reserved for it', async () => {
    const world = await makeWorld();
    const { journal, clock } = world;
    const provider = failing(usedUp);
    const until = new Date(clock.now() + 3_600_000).toISOString();
    const here = noLimits({ journal, project, clock });
    const there = noLimits({ journal, project, clock });
    for (const [number, limits] of [here, here, there].entries()) {
      const gateway = await seat(world, number, provider, limits);
      const outcome = await gateway.callModel(ask);
      expect(outcome).toEqual({
        kind: 'postponed',
        until,
        message: 'the quota of claude-sonnet-5-5 is used up: used up',
      });
    }
    expect(provider.calls).toBe(1);
    expect((await journal.reservations(project)).map(({ state }) => state)).toEqual(['released']);
    expect(await journal.read(quotaStream(project))).toHaveLength(1);
  });

  it('is called again when that moment has come', async () => {
    const world = await makeWorld();
    const { journal, clock } = world;
    const limits = noLimits({ journal, project, clock });
    const provider = answering({ ok: false, failure: usedUp }, ok);
    const gateway = await seat(world, 1, provider, limits);
    expect((await gateway.callModel(ask)).kind).toBe('postponed');
    await clock.sleep(3_599_000);
    expect((await gateway.callModel(ask)).kind).toBe('postponed');
    await clock.sleep(2_000);
    expect((await gateway.callModel(ask)).kind).toBe('reply');
    expect(provider.calls).toBe(2);
  });

  it('gives way to an equal at once, at its own price, and never to a dearer one', async () => {
    const world = await makeWorld();
    const { journal, clock } = world;
    const dearer = answering(ok);
    const cheaper = answering(ok);
    const limits = {
      ...noLimits({ journal, project, clock }),
      equals: [equal('claude-opus-5-5', dearer), equal('claude-haiku-4-5', cheaper)],
    };
    const provider = failing(usedUp);
    const gateway = await seat(world, 1, provider, limits);
    for (let calls = 0; calls < 2; calls += 1) expect((await gateway.callModel(ask)).kind).toBe('reply');
    expect([provider.calls, dearer.calls, cheaper.calls]).toEqual([1, 0, 2]);
    const events = await journal.read(streamId('agent', project, 1, 'build', 'T1', 'developer', 1));
    const intended = events.filter(({ kind }) => kind === 'model.call_intended');
    expect(intended.map(({ data }) => data.model)).toEqual([
      'claude-sonnet-5-5',
      'claude-haiku-4-5',
      'claude-haiku-4-5',
    ]);
    // 100 tokens in, 20 out: $1 and $5 per million.
    expect(gateway.tape.costMicroUsd).toBe(2 * 200);
  });

  it('with no known reset fails, and is not called again for a while', async () => {
    const world = await makeWorld();
    const { journal, clock } = world;
    const limits = noLimits({ journal, project, clock });
    const provider = failing(outOfCredit);
    const gateway = await seat(world, 1, provider, limits);
    expect((await gateway.callModel(ask)).kind).toBe('failed');
    expect((await gateway.callModel(ask)).kind).toBe('postponed');
    expect(provider.calls).toBe(1);
    await clock.sleep(301_000);
    expect((await gateway.callModel(ask)).kind).toBe('failed');
    expect(provider.calls).toBe(2);
  });

  it('is not believed to be used up for longer than a month', async () => {
    const world = await makeWorld();
    const { journal, clock } = world;
    const provider = failing({ ...usedUp, retryAfterMs: 1e300 });
    const gateway = await seat(world, 1, provider, noLimits({ journal, project, clock }));
    const outcome = await gateway.callModel(ask);
    expect(outcome.kind === 'postponed' && Date.parse(outcome.until) - clock.now()).toBe(32 * 24 * 3_600_000);
  });
});

describe('the breaker of a model', () => {
  it('opens after three failed calls in a row, of any agents; then one trial closes it', async () => {
    const world = await makeWorld();
    const { journal, clock } = world;
    const limits = noLimits({ journal, project, clock });
    const provider = answering(...Array(9).fill({ ok: false, failure: down }), ok);
    for (const number of [1, 2, 3]) {
      const gateway = await seat(world, number, provider, limits);
      expect((await gateway.callModel(ask)).kind).toBe('failed');
    }
    // Three attempts each.
    expect(provider.calls).toBe(9);
    const late = await seat(world, 4, provider, limits);
    const outcome = await late.callModel(ask);
    expect(outcome.kind === 'postponed' && outcome.message).toContain(
      'the breaker of claude-sonnet-5-5 is open',
    );
    expect(provider.calls).toBe(9);
    await clock.sleep(30_000);
    expect((await late.callModel(ask)).kind).toBe('reply');
    expect((await late.callModel(ask)).kind).toBe('reply');
  });

  it('counts no failure that says nothing about the provider', async () => {
    const world = await makeWorld();
    const { journal, clock } = world;
    const limits = noLimits({ journal, project, clock });
    const provider = failing({ ...down, kind: 'rejected', isRetryable: false });
    const gateway = await seat(world, 1, provider, limits);
    for (let calls = 0; calls < 5; calls += 1) expect((await gateway.callModel(ask)).kind).toBe('failed');
    expect(provider.calls).toBe(5);
  });
});

describe('a rate', () => {
  it('of a tool makes a call wait, and the tape says for what', async () => {
    const { journal, clock, options } = await makeWorld();
    const limits = noLimits({ journal, project, clock });
    const rates = { ...limits.rates, tools: { read: 2 } };
    const gateway = await openAgentGateway(options({ limits: { ...limits, rates } }));
    for (const id of ['a', 'b', 'c']) await gateway.callTool(toolCall('read', { path: 'README.md' }, id));
    expect(clock.slept).toEqual([30_000]);
    expect((await kindsOf(journal)).filter((kind) => kind === 'call.delayed')).toHaveLength(1);
    const delayed = (await journal.read(agent)).find(({ kind }) => kind === 'call.delayed');
    expect(delayed?.data).toEqual({ limit: 'tool:read', perMinute: 2, waitMs: 30_000 });
  });

  it('of a provider counts calls, and tokens at the most that a call can use until it is known', async () => {
    const { journal, clock, options } = await makeWorld();
    const limits = noLimits({ journal, project, clock });
    const rates = { ...limits.rates, providerCalls: 3, providerTokens: 10_000 };
    const gateway = await openAgentGateway(options({ limits: { ...limits, rates } }));
    for (let calls = 0; calls < 3; calls += 1) await gateway.callModel(ask);
    // 120 tokens were used of far more that each could have used: the rest was given back.
    expect(clock.slept).toEqual([]);
    await gateway.callModel(ask);
    expect(clock.slept).toEqual([20_000]);
  });

  it('lets a wait end when the agent is stopped', async () => {
    const { journal, clock, options } = await makeWorld();
    const limits = noLimits({ journal, project, clock });
    const killed = new AbortController();
    const rates = { ...limits.rates, tools: { read: 1 } };
    const gateway = await openAgentGateway(options({ limits: { ...limits, rates }, signal: killed.signal }));
    await gateway.callTool(toolCall('read', { path: 'README.md' }, 'a'));
    clock.sleep = (_, signal) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
        killed.abort(new Error('stop'));
      });
    await expect(gateway.callTool(toolCall('read', { path: 'README.md' }, 'b'))).rejects.toThrow('stop');
  });
});
