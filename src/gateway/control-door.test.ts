import { describe, expect, it } from 'vitest';
import { makeWorld } from '../../test/doubles/agent-world.ts';
import { makeRole } from '../../test/doubles/make-role.ts';
import { type ControlDoor, HeldError } from '../controls/control-door.ts';
import { openAgentGateway } from './agent-gateway.ts';
import type { ModelOutcome, ModelProvider } from './model.ts';

const held = new HeldError('item 1 is killed by sarah');

/** Closed, but nobody has aborted anything: the signal was missed. */
const closed: ControlDoor = {
  assertOpen: () => {
    throw held;
  },
  held: new AbortController().signal,
};

const request = {
  system: '',
  messages: [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'hello' }] }],
  maxOutputTokens: 100,
  effort: null,
};

function counting(answer: () => Promise<ModelOutcome>): ModelProvider & { calls: number } {
  const provider = {
    name: 'scripted' as const,
    isRealModel: false,
    calls: 0,
    generate: () => {
      provider.calls += 1;
      return answer();
    },
  };
  return provider;
}

const rateLimited: ModelOutcome = {
  ok: false,
  failure: {
    kind: 'rate_limited',
    message: 'later',
    isRetryable: true,
    retryAfterMs: 30_000,
    mayHaveBilled: false,
    usage: null,
  },
};

describe('a door that a control has closed, whose signal was missed', () => {
  it('lets no model call through: none is made, reserved or recorded', async () => {
    const { options, journal } = await makeWorld();
    const provider = counting(async () => rateLimited);
    const gateway = await openAgentGateway(options({ provider, controls: closed }));
    const before = await journal.head();
    await expect(gateway.callModel(request)).rejects.toBe(held);
    expect([provider.calls, (await journal.head()) - before]).toEqual([0, 0]);
  });

  it('lets no tool call through: nothing is written', async () => {
    const { options, cell } = await makeWorld();
    const gateway = await openAgentGateway(options({ role: makeRole(), controls: closed }));
    const call = {
      type: 'tool_call' as const,
      id: 'c1',
      tool: 'write',
      input: { path: 'a.txt', content: 'a' },
    };
    await expect(gateway.callTool(call)).rejects.toBe(held);
    expect((await cell.readFile('a.txt')).ok).toBe(false);
  });
});

it('a control that comes while a call waits for its next attempt ends the wait', async () => {
  const { options, clock } = await makeWorld();
  const hold = new AbortController();
  const controls: ControlDoor = { assertOpen: () => {}, held: hold.signal };
  const provider = counting(async () => {
    hold.abort(held);
    return rateLimited;
  });
  const gateway = await openAgentGateway(options({ provider, controls }));
  await expect(gateway.callModel(request)).rejects.toBe(held);
  expect([provider.calls, clock.slept]).toEqual([1, []]);
});

it('a call that is killed ends at once, also when its provider does not heed the signal; it is charged in full', async () => {
  const { options, journal } = await makeWorld();
  const killed = new AbortController();
  const provider = counting(() => new Promise(() => {}));
  const gateway = await openAgentGateway(options({ provider, signal: killed.signal }));
  const answer = gateway.callModel(request);
  setImmediate(() => killed.abort(held));
  await expect(answer).rejects.toBe(held);
  const [reservation] = await journal.reservations('orders-api');
  expect(reservation).toMatchObject({ state: 'settled' });
  expect(reservation?.settledMicroUsd).toBe(reservation?.amountMicroUsd);
});
