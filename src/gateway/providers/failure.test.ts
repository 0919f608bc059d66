import { describe, expect, it } from 'vitest';
import type { Fault } from '../../../test/doubles/model-server.ts';
import { makeRequest, never, protocols, start } from '../../../test/doubles/provider-world.ts';
import type { ModelFailure, ModelProvider, ModelRequest } from '../model.ts';

async function failureOf(provider: ModelProvider, request: ModelRequest): Promise<ModelFailure> {
  const outcome = await provider.generate(request, never);
  if (outcome.ok) throw new Error('expected a failure');
  return outcome.failure;
}

describe.each(protocols)('a failed attempt with the $name provider', ({ name, model }) => {
  it.each<[string, Fault, Partial<ModelFailure>]>([
    [
      '429 with seconds',
      { kind: 'rate_limited', retryAfter: '7' },
      { kind: 'rate_limited', retryAfterMs: 7000, isRetryable: true, mayHaveBilled: false },
    ],
    [
      '429 with milliseconds',
      { kind: 'rate_limited', retryAfterMs: 250 },
      { kind: 'rate_limited', retryAfterMs: 250 },
    ],
    ['429 without a wish', { kind: 'rate_limited' }, { kind: 'rate_limited', retryAfterMs: null }],
    [
      'an exhausted quota',
      { kind: 'status', status: 429, type: 'insufficient_quota' },
      { kind: 'rate_limited', isRetryable: false },
    ],
    ['529', { kind: 'overloaded' }, { kind: 'overloaded', isRetryable: true, mayHaveBilled: false }],
    ['503', { kind: 'status', status: 503 }, { kind: 'overloaded', isRetryable: true, mayHaveBilled: true }],
    ['500', { kind: 'status', status: 500 }, { kind: 'unavailable', isRetryable: true, mayHaveBilled: true }],
    [
      '403',
      { kind: 'status', status: 403 },
      { kind: 'unauthorized', isRetryable: false, mayHaveBilled: false },
    ],
    [
      '400',
      { kind: 'status', status: 400, message: 'prompt is too long' },
      { kind: 'rejected', isRetryable: false, mayHaveBilled: false },
    ],
    ['413', { kind: 'status', status: 413 }, { kind: 'rejected', isRetryable: false }],
    ['422', { kind: 'status', status: 422 }, { kind: 'rejected', isRetryable: false }],
    [
      'a cut body',
      { kind: 'cut_body' },
      { kind: 'cut_off', isRetryable: true, mayHaveBilled: true, usage: null },
    ],
    [
      'a connection that ends unanswered',
      { kind: 'hang_up' },
      { kind: 'cut_off', isRetryable: true, mayHaveBilled: true },
    ],
    [
      'malformed JSON',
      { kind: 'malformed_json' },
      { kind: 'malformed', isRetryable: true, mayHaveBilled: true, usage: null },
    ],
    [
      'an answer without tokens',
      { kind: 'no_usage' },
      { kind: 'malformed', mayHaveBilled: true, usage: null },
    ],
  ])('reports %s as a value', async (_, fault, expected) => {
    const { provider, server } = await start(name, () => ({ text: 'A long enough answer to be cut.' }), [
      fault,
    ]);
    const failure = await failureOf(provider, makeRequest(model));
    expect(failure).toMatchObject(expected);
    expect(failure.message).not.toMatch(/\n/);
    // Never claims that nothing was billed when it was.
    if (server.billed.length > 0) expect(failure.mayHaveBilled).toBe(true);
    expect(server.servedCount).toBe(1);
  });

  it('reports an empty answer with what it cost', async () => {
    const { provider, server } = await start(name, () => ({ text: 'unused' }), [{ kind: 'empty' }]);
    const failure = await failureOf(provider, makeRequest(model));
    expect(failure).toMatchObject({ kind: 'empty', isRetryable: true, mayHaveBilled: true });
    expect(failure.usage).toEqual(server.billed[0]?.usage);
  });

  it('reports tool input that is no object with what it cost', async () => {
    const { provider, server } = await start(name, () => ({
      toolCalls: [{ name: 'read', input: '{"path": "a' }],
    }));
    const failure = await failureOf(provider, makeRequest(model));
    expect(failure).toMatchObject({ kind: 'malformed', usage: server.billed[0]?.usage });
    expect(failure.message).toContain('read');
  });

  it('reports a wrong key without repeating it', async () => {
    const { provider } = await start(name, () => ({ text: 'x' }), [], 'wrong-key-9f8e7d');
    const failure = await failureOf(provider, makeRequest(model));
    expect(failure).toMatchObject({ kind: 'unauthorized', isRetryable: false, mayHaveBilled: false });
    expect(JSON.stringify(failure)).not.toContain('wrong-key-9f8e7d');
  });

  it('reports a model that the provider does not have', async () => {
    const { provider } = await start(name, () => ({ text: 'x' }));
    expect(await failureOf(provider, makeRequest('no-such-model'))).toMatchObject({
      kind: 'unknown_model',
      isRetryable: false,
      mayHaveBilled: false,
    });
  });

  it('reports a refused connection as not billed', async () => {
    const { provider, server } = await start(name, () => ({ text: 'x' }));
    await server.close();
    expect(await failureOf(provider, makeRequest(model))).toMatchObject({
      kind: 'unavailable',
      isRetryable: true,
      mayHaveBilled: false,
    });
  });

  it('ends at once when it is aborted during a call, with the reason', async () => {
    const { provider } = await start(name, () => ({ text: 'x' }), [{ kind: 'silence' }]);
    const kill = new AbortController();
    const reason = new Error('killed by ada');
    const call = provider.generate(makeRequest(model), kill.signal);
    setTimeout(() => kill.abort(reason), 20);
    await expect(call).rejects.toBe(reason);
  });
});
