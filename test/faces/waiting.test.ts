import { once } from 'node:events';
import { request } from 'node:http';
import Anthropic from '@anthropic-ai/sdk';
import { describe, expect, it } from 'vitest';
import { agent, kindsOf } from '../doubles/agent-world.ts';
import type { DoubleAnswer } from '../doubles/model-protocol.ts';
import { type FaceWorldOptions, makeFaceWorld } from './face-world.ts';

const ask = {
  model: 'any',
  max_tokens: 500,
  messages: [{ role: 'user' as const, content: 'What is 2 + 2?' }],
};

/** The provider answers when it is let. */
async function connect(options: FaceWorldOptions = {}) {
  const asked: (() => void)[] = [];
  const answers: ((answer: DoubleAnswer) => void)[] = [];
  const brain = () =>
    new Promise<DoubleAnswer>((resolve) => {
      answers.push(resolve);
      asked.shift()?.();
    });
  const world = await makeFaceWorld({ brain, ...options });
  const client = new Anthropic({ baseURL: world.baseUrl, apiKey: world.key, maxRetries: 0 });
  const nextAsked = () => new Promise<void>((resolve) => asked.push(resolve));
  return { ...world, client, answers, nextAsked };
}

function post(baseUrl: string, key: string, path: string, body: object): Promise<Response> {
  const headers = { 'x-api-key': key };
  return fetch(`${baseUrl}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
}

/** A request whose body never comes to its end; resolves when the server has begun to read it. */
async function sendHalf(baseUrl: string, key: string): Promise<void> {
  const { port } = new URL(baseUrl);
  const headers = { 'x-api-key': key, expect: '100-continue' };
  const sent = request({ host: '127.0.0.1', port, path: '/v1/messages', method: 'POST', headers });
  sent.on('error', () => {});
  sent.flushHeaders();
  await once(sent, 'continue');
  sent.write('{');
}

describe('a client that goes away', () => {
  it.each([false, true])('ends its call, which is charged in full (streamed: %s)', async (stream) => {
    const world = await connect();
    const { client, gateway, journal, nextAsked, answers } = world;
    const leaving = new AbortController();
    const arrived = nextAsked();
    const call = client.messages.create({ ...ask, stream }, { signal: leaving.signal });
    await arrived;
    leaving.abort();
    await expect(call).rejects.toThrow();
    // The next call waits for what the first one leaves on the tape.
    const again = nextAsked();
    const next = client.messages.create(ask);
    await again;
    answers[1]?.({ text: 'Four.' });
    await next;
    const events = await journal.read(agent);
    const failed = events.find(({ kind }) => kind === 'model.call_failed');
    const intended = events.find(({ kind }) => kind === 'model.call_intended');
    const reserved = Number(intended?.data.reservedMicroUsd);
    expect(failed?.data).toMatchObject({ reason: 'killed', costMicroUsd: reserved });
    expect(gateway.tape.costMicroUsd).toBeGreaterThan(reserved);
    expect(gateway.tape.inDoubt).toBeNull();
  });

  it('does not get its call made when it left before its turn came', async () => {
    const { client, nextAsked, answers, upstream } = await connect();
    const leaving = new AbortController();
    const arrived = nextAsked();
    const first = client.messages.create(ask);
    await arrived;
    const second = client.messages.create(ask, { signal: leaving.signal });
    // In the queue for certain: a third that came later is answered by the same connection's server.
    await client.models.list();
    leaving.abort();
    await expect(second).rejects.toThrow();
    await client.models.list();
    answers[0]?.({ text: 'Four.' });
    await first;
    const third = nextAsked();
    const last = client.messages.create(ask);
    await third;
    answers[1]?.({ text: 'Four.' });
    await last;
    expect(upstream.servedCount).toBe(2);
  });
});

describe('an agent that is ended while it waits', () => {
  it('gets no answer any more when its key is taken back', async () => {
    const { client, nextAsked, revoke, journal } = await connect();
    const arrived = nextAsked();
    const call = client.messages.create(ask);
    await arrived;
    revoke();
    await expect(call).rejects.toMatchObject({ status: 503 });
    expect((await kindsOf(journal)).at(-1)).toBe('model.call_failed');
  });

  it('leaves nothing open behind a gateway that closes', async () => {
    const { client, nextAsked, server, journal, baseUrl, key } = await connect();
    const arrived = nextAsked();
    const call = client.messages.create(ask);
    const caught = expect(call).rejects.toThrow();
    await arrived;
    await sendHalf(baseUrl, key);
    await server.close();
    expect((await kindsOf(journal)).at(-1)).toBe('model.call_failed');
    await caught;
    await expect(client.messages.create(ask)).rejects.toBeInstanceOf(Anthropic.APIConnectionError);
  });
});

describe('a gateway that closes', () => {
  it('waits until the last call has been put on the tape', async () => {
    const { server, seat, baseUrl, nextAsked, gateway } = await connect();
    let isRecorded = false;
    const slow: typeof gateway.callModelFor = async (request) => {
      const outcome = gateway.callModelFor(request);
      await outcome.catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 20));
      isRecorded = true;
      return outcome;
    };
    const { key } = server.register({ ...seat, gateway: { ...gateway, callModelFor: slow } });
    const arrived = nextAsked();
    const call = post(baseUrl, key, '/v1/messages', ask).catch(() => {});
    await arrived;
    await server.close();
    expect(isRecorded).toBe(true);
    await call;
  });
});

describe('an agent that has ended', () => {
  it('is not answered any more, whatever its key is', async () => {
    const { client, gateway, upstream, journal } = await connect();
    await gateway.finish({ outcome: 'done', summary: 'ok', commit: null, findings: [] });
    await expect(client.messages.create(ask)).rejects.toMatchObject({ status: 503 });
    expect(upstream.servedCount).toBe(0);
    expect((await kindsOf(journal)).at(-1)).toBe('agent.finished');
  });
});

describe('a client that waits for a stream', () => {
  const paths = [
    ['/v1/messages', 'event: ping', 'message_stop', ask],
    ['/v1/chat/completions', ': waiting', '[DONE]', ask],
    ['/v1/responses', ': waiting', 'response.completed', { input: 'hi' }],
  ] as const;

  it.each(paths)('is sent signs of life at %s until the reply is there', async (path, sign, end, body) => {
    const world = await connect({ server: { keepAliveMs: 5 } });
    const arrived = world.nextAsked();
    const response = await post(world.baseUrl, world.key, path, { ...body, stream: true });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (!text.includes(sign)) text += (await reader.read()).value ?? '';
    expect(text).not.toContain('data: {"id"');
    await arrived;
    world.answers[0]?.({ text: 'Four.' });
    for (let next = await reader.read(); !next.done; next = await reader.read()) text += next.value;
    expect(text).toContain('Four.');
    expect(text).toContain(end);
  });

  it('is told of a failure in the stream once that has begun', async () => {
    const world = await connect({ server: { keepAliveMs: 5 } });
    const arrived = world.nextAsked();
    const stream = world.client.messages.stream(ask);
    const ending = expect(stream.finalMessage()).rejects.toThrow('stopped');
    await arrived;
    const response = await stream.withResponse();
    expect(response.response.status).toBe(200);
    world.kill.abort(new Error('killed'));
    await ending;
  });
});
