import { chmod, mkdtemp, rm, stat } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import Anthropic from '@anthropic-ai/sdk';
import fc from 'fast-check';
import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { type ControlDoor, HeldError } from '../../src/controls/control-door.ts';
import { openFaceServer } from '../../src/gateway/http/face-server.ts';
import { account, kindsOf } from '../doubles/agent-world.ts';
import { anyBody } from './any-body.ts';
import { type FaceWorld, type FaceWorldOptions, makeFaceWorld } from './face-world.ts';

const ask = {
  model: 'any',
  max_tokens: 500,
  messages: [{ role: 'user' as const, content: 'What is 2 + 2?' }],
};

async function connect(options: FaceWorldOptions = {}) {
  const world = await makeFaceWorld(options);
  const anthropic = new Anthropic({ baseURL: world.baseUrl, apiKey: world.key });
  const openai = new OpenAI({ baseURL: `${world.baseUrl}/v1`, apiKey: world.key });
  return { ...world, anthropic, openai };
}

/** As a client that follows no rules would ask. */
async function post(world: FaceWorld, headers: Record<string, string>, body: string, path = '/v1/messages') {
  const { port } = new URL(world.baseUrl);
  return new Promise<{ status: number; headers: Record<string, unknown>; body: string }>(
    (resolve, reject) => {
      const sent = request({ port, path, method: 'POST', host: '127.0.0.1', headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString(),
          }),
        );
        response.on('error', reject);
      });
      sent.on('error', reject);
      sent.end(body);
    },
  );
}

describe('who is let in', () => {
  it('knows an agent by its key, in either header, until the key is taken back', async () => {
    const world = await connect();
    const body = JSON.stringify(ask);
    const status = async (headers: Record<string, string>) => (await post(world, headers, body)).status;
    expect(await status({ 'x-api-key': world.key })).toBe(200);
    expect(await status({ authorization: `Bearer ${world.key}` })).toBe(200);
    expect(await status({})).toBe(401);
    expect(await status({ 'x-api-key': `${world.key}x` })).toBe(401);
    world.revoke();
    expect(await status({ 'x-api-key': world.key })).toBe(401);
    await expect(world.anthropic.messages.create(ask)).rejects.toBeInstanceOf(Anthropic.AuthenticationError);
    await expect(world.openai.chat.completions.create(ask)).rejects.toBeInstanceOf(
      OpenAI.AuthenticationError,
    );
    expect(world.upstream.servedCount).toBe(2);
  });

  it('answers each agent out of its own gateway', async () => {
    const one = await makeFaceWorld();
    const two = await makeFaceWorld();
    const second = one.server.register(two.seat);
    const client = new Anthropic({ baseURL: one.baseUrl, apiKey: second.key });
    await client.messages.create(ask);
    expect(one.gateway.tape.calls).toBe(0);
    expect(two.gateway.tape.calls).toBe(1);
  });

  it('answers no page whose name was bound anew to this address, and no page of another origin', async () => {
    const world = await connect();
    const body = JSON.stringify(ask);
    const headers = { 'x-api-key': world.key };
    for (const foreign of [
      { host: 'evil.example' },
      { host: 'localhost.evil.example:80' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
    ]) {
      expect((await post(world, { ...headers, ...foreign }, body)).status, JSON.stringify(foreign)).toBe(403);
    }
    const answered = await post(world, { ...headers, host: 'localhost:1', origin: 'http://localhost' }, body);
    expect(answered.status).toBe(200);
    expect(Object.keys(answered.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    expect(world.upstream.servedCount).toBe(1);
  });

  it('listens on a socket that only this user can open', async () => {
    const { socketPath } = await makeFaceWorld({ onSocket: true });
    expect((await stat(socketPath)).mode & 0o777).toBe(0o600);
    expect((await stat(dirname(socketPath))).mode & 0o777).toBe(0o700);
  });

  it('does not listen in a folder that others can enter', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'face-open-'));
    await chmod(folder, 0o755);
    const opening = openFaceServer({ listen: { socketPath: `${folder}/s` }, onFault: () => {} });
    await expect(opening).rejects.toMatchObject({ code: 'face_folder_open' });
    await rm(folder, { recursive: true });
  });
});

describe('what is refused', () => {
  it('answers 402 when the ledger refuses, once, in each protocol’s shape', async () => {
    const world = await connect({ itemCeilingMicroUsd: 100 });
    await expect(world.anthropic.messages.create(ask)).rejects.toMatchObject({
      status: 402,
      error: { type: 'error', error: { type: 'billing_error', message: expect.stringContaining(account) } },
    });
    await expect(world.anthropic.messages.stream(ask).finalMessage()).rejects.toMatchObject({ status: 402 });
    const expected = { status: 402, type: 'insufficient_quota' };
    await expect(world.openai.chat.completions.create(ask)).rejects.toMatchObject(expected);
    await expect(world.openai.chat.completions.create({ ...ask, stream: true })).rejects.toMatchObject(
      expected,
    );
    await expect(world.openai.responses.create({ input: 'hi' })).rejects.toMatchObject(expected);
    expect(world.upstream.servedCount).toBe(0);
    const refused = (await kindsOf(world.journal)).filter((kind) => kind === 'model.call_refused');
    expect(refused).toHaveLength(5);
  });

  it('answers 403 to a seat that may not call models', async () => {
    const world = await connect({ seat: { mayCallModels: false } });
    await expect(world.anthropic.messages.create(ask)).rejects.toMatchObject({
      status: 403,
      error: { error: { type: 'permission_error' } },
    });
    await expect(world.openai.chat.completions.create(ask)).rejects.toMatchObject({ status: 403 });
    expect(world.upstream.servedCount).toBe(0);
  });

  it('answers 413 to a body over the bound, whether or not its length is stated', async () => {
    const world = await connect({ server: { mostBodyBytes: 1000 } });
    const body = JSON.stringify({ ...ask, system: 'x'.repeat(2000) });
    const headers = { 'x-api-key': world.key };
    expect((await post(world, headers, body)).status).toBe(413);
    expect((await post(world, { ...headers, 'transfer-encoding': 'chunked' }, body)).status).toBe(413);
    expect(world.upstream.servedCount).toBe(0);
  });

  it('answers 404 and 405 with what there is', async () => {
    const world = await connect();
    const headers = { 'x-api-key': world.key };
    const nowhere = await post(world, headers, '{}', '/v1/embeddings');
    expect(nowhere).toMatchObject({ status: 404, body: expect.stringContaining('/v1/chat/completions') });
    expect((await post(world, headers, '{}', '/v1/models')).status).toBe(405);
    expect((await post(world, headers, '{}', '/constructor')).status).toBe(404);
  });

  it('does not call a model where nobody says anything', async () => {
    const world = await connect();
    const silent = { ...ask, messages: [{ role: 'user' as const, content: '' }] };
    const expected = { status: 400, message: expect.stringContaining('empty') };
    await expect(world.anthropic.messages.create(silent)).rejects.toMatchObject(expected);
    await expect(world.openai.chat.completions.create(silent)).rejects.toMatchObject(expected);
    await expect(world.openai.responses.create({ input: [] })).rejects.toMatchObject(expected);
    expect(await kindsOf(world.journal)).toEqual(['agent.seated']);
  });

  it('names the place of what it cannot read', async () => {
    const { anthropic, openai } = await connect();
    const wrong = { ...ask, messages: [{ role: 'user', content: 7 }] };
    await expect(anthropic.messages.create(wrong as never)).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('messages[0].content'),
    });
    await expect(
      openai.responses.create({ input: 'hi', previous_response_id: 'resp_1' }),
    ).rejects.toMatchObject({ status: 400, message: expect.stringContaining('keeps no responses') });
  });
});

describe('whatever is sent', () => {
  it.each(['/v1/messages', '/v1/chat/completions', '/v1/responses', '/v1/messages/count_tokens'])(
    'gets an answer or is told what is wrong with it at %s',
    async (path) => {
      const world = await connect({ itemCeilingMicroUsd: 1_000_000_000 });
      const statuses = new Set<number>();
      await fc.assert(
        fc.asyncProperty(anyBody, async (body) => {
          const answer = await post(world, { 'x-api-key': world.key }, JSON.stringify(body), path);
          statuses.add(answer.status);
          expect([200, 400], answer.body).toContain(answer.status);
        }),
        { numRuns: 150, seed: 4 },
      );
      expect(statuses).toContain(200);
    },
  );
});

describe('what goes wrong behind the gateway', () => {
  it('tries again itself, and tells the client not to', async () => {
    const faults = Array.from({ length: 9 }, () => ({ kind: 'status' as const, status: 500 }));
    const world = await connect({ faults });
    await expect(world.anthropic.messages.create(ask)).rejects.toMatchObject({ status: 502 });
    expect(world.upstream.servedCount).toBe(3);
    await expect(world.openai.chat.completions.create(ask)).rejects.toMatchObject({ status: 502 });
    expect(world.upstream.servedCount).toBe(6);
  });

  it('says 529 for an overloaded provider and 400 for what the provider will never take', async () => {
    const overloaded = Array.from({ length: 3 }, () => ({ kind: 'overloaded' as const }));
    const tooLong = { kind: 'status' as const, status: 400, message: 'prompt is too long' };
    const world = await connect({ faults: [...overloaded, tooLong] });
    await expect(world.anthropic.messages.create(ask)).rejects.toMatchObject({ status: 529 });
    await expect(world.anthropic.messages.create(ask)).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('prompt is too long'),
    });
  });

  it('passes on when a rate limit ends', async () => {
    const faults = Array.from({ length: 3 }, () => ({ kind: 'rate_limited' as const, retryAfter: '7' }));
    const world = await connect({ faults });
    const answer = await post(world, { 'x-api-key': world.key }, JSON.stringify(ask));
    expect(answer).toMatchObject({ status: 429, headers: { 'retry-after': '7' } });
  });

  it('says 503 to an agent that a control holds, and by whom', async () => {
    const held = new HeldError('item 1 is paused by sarah');
    const controls: ControlDoor = {
      assertOpen: () => {
        throw held;
      },
      held: new AbortController().signal,
    };
    const world = await connect({ gateway: { controls } });
    const expected = { status: 503, message: expect.stringContaining('paused by sarah') };
    await expect(world.anthropic.messages.create(ask)).rejects.toMatchObject(expected);
    await expect(world.openai.responses.create({ input: 'hi' })).rejects.toMatchObject(expected);
    expect(world.upstream.servedCount).toBe(0);
  });

  it('says 503 to an agent that was killed', async () => {
    const world = await connect();
    world.kill.abort(new Error('killed'));
    await expect(world.anthropic.messages.create(ask)).rejects.toMatchObject({ status: 503 });
    expect(world.upstream.servedCount).toBe(0);
  });
});
