import { request } from 'node:http';
import { Readable } from 'node:stream';
import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import Anthropic from '@anthropic-ai/sdk';
import { generateText, jsonSchema, type LanguageModel, stepCountIs, streamText, tool } from 'ai';
import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import type { DoubleRequest } from '../doubles/model-protocol.ts';
import { type FaceWorld, makeFaceWorld } from './face-world.ts';

const upstreams = ['anthropic', 'openai-compatible'] as const;

/** Calls `look` twice, then says what it saw. */
function looking({ messages }: DoubleRequest) {
  const results = messages.flatMap(({ toolResults }) => toolResults);
  return results.length < 2
    ? { toolCalls: [{ name: 'look', input: { path: `${results.length}.ts` } }] }
    : { text: `I saw: ${results.map(({ output }) => output).join()}` };
}

const schema = { type: 'object' as const, properties: { path: { type: 'string' as const } } };

async function talkWithSdk(model: LanguageModel, isStreamed: boolean): Promise<string> {
  const settings = {
    model,
    instructions: 'You look.',
    prompt: 'What is there?',
    tools: { look: tool({ inputSchema: jsonSchema(schema), execute: () => 'an empty file' }) },
    stopWhen: stepCountIs(5),
    maxRetries: 0,
  };
  return isStreamed ? await streamText(settings).text : (await generateText(settings)).text;
}

describe.each(upstreams)('what is charged over %s', (upstream) => {
  it.each([
    ['Anthropic', false],
    ['Anthropic', true],
    ['OpenAI', false],
    ['OpenAI', true],
  ] as const)(
    'to an AI SDK client (%s, streamed: %s) is what the server billed',
    async (protocol, isStreamed) => {
      const world = await makeFaceWorld({ upstream, brain: looking });
      const baseURL = `${world.baseUrl}/v1`;
      const sdk =
        protocol === 'Anthropic'
          ? createAnthropic({ baseURL, apiKey: world.key })
          : createOpenAICompatible({ name: 'mesh', baseURL, apiKey: world.key, includeUsage: true });
      expect(await talkWithSdk(sdk('any'), isStreamed)).toBe('I saw: an empty file,an empty file');
      expect(world.upstream.billed).toHaveLength(3);
      expect(world.gateway.tape.costMicroUsd).toBe(world.billedMicroUsd());
    },
  );

  it('is the same in process, over Anthropic Messages, over Chat Completions and over Responses', async () => {
    const text = 'What is 2 + 2?';
    const ways: Record<string, (world: FaceWorld) => Promise<unknown>> = {
      'in process': ({ gateway }) =>
        gateway.callModelFor({
          system: 'You calculate.',
          messages: [{ role: 'user', content: [{ type: 'text', text }] }],
          tools: [],
          maxOutputTokens: 100,
          effort: null,
          signal: new AbortController().signal,
        }),
      'Anthropic Messages': ({ baseUrl: baseURL, key: apiKey }) =>
        new Anthropic({ baseURL, apiKey }).messages.create({
          model: 'any',
          max_tokens: 100,
          system: 'You calculate.',
          messages: [{ role: 'user', content: text }],
        }),
      'Chat Completions': ({ baseUrl, key: apiKey }) =>
        new OpenAI({ baseURL: `${baseUrl}/v1`, apiKey }).chat.completions.create({
          model: 'any',
          max_tokens: 100,
          messages: [
            { role: 'system', content: 'You calculate.' },
            { role: 'user', content: text },
          ],
        }),
      Responses: ({ baseUrl, key: apiKey }) =>
        new OpenAI({ baseURL: `${baseUrl}/v1`, apiKey }).responses.create({
          max_output_tokens: 100,
          instructions: 'You calculate.',
          input: text,
        }),
    };
    const charged: Record<string, number> = {};
    for (const [name, go] of Object.entries(ways)) {
      const world = await makeFaceWorld({ upstream });
      await go(world);
      await go(world);
      expect(world.gateway.tape.costMicroUsd, name).toBe(world.billedMicroUsd());
      charged[name] = world.gateway.tape.costMicroUsd;
    }
    expect(new Set(Object.values(charged)).size, JSON.stringify(charged)).toBe(1);
    expect(charged['in process']).toBeGreaterThan(0);
  });
});

describe('over a unix socket', () => {
  it('real clients get the same answers', async () => {
    const world = await makeFaceWorld({ onSocket: true });
    const fetch = fetchOver(world.socketPath);
    const anthropic = new Anthropic({ baseURL: 'http://localhost', apiKey: world.key, fetch });
    const openai = new OpenAI({ baseURL: 'http://localhost/v1', apiKey: world.key, fetch });
    const ask = { model: 'm', max_tokens: 50, messages: [{ role: 'user' as const, content: 'hi' }] };
    expect((await anthropic.messages.create(ask)).content[0]).toMatchObject({ text: 'Four.' });
    expect((await anthropic.messages.stream(ask).finalMessage()).content[0]).toMatchObject({ text: 'Four.' });
    const completion = await openai.chat.completions.create(ask);
    expect(completion.choices[0]?.message.content).toBe('Four.');
    expect(world.gateway.tape.costMicroUsd).toBe(world.billedMicroUsd());
  });
});

/** `fetch` whose connections go to a socket file. */
function fetchOver(socketPath: string): typeof fetch {
  return async (input, init = {}) => {
    const url = new URL(String(input));
    const headers = Object.fromEntries(new Headers(init.headers));
    return new Promise((resolve, reject) => {
      const sent = request(
        { socketPath, path: `${url.pathname}${url.search}`, method: init.method ?? 'GET', headers },
        (response) =>
          resolve(
            new Response(Readable.toWeb(response) as ReadableStream<Uint8Array>, {
              status: response.statusCode ?? 0,
              headers: response.headers as Record<string, string>,
            }),
          ),
      );
      sent.on('error', reject);
      sent.end(init.body as string | undefined);
    });
  };
}
