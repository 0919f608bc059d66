import Anthropic from '@anthropic-ai/sdk';
import { describe, expect, it } from 'vitest';
import { agent } from '../doubles/agent-world.ts';
import type { DoubleRequest } from '../doubles/model-protocol.ts';
import { type FaceWorldOptions, makeFaceWorld } from './face-world.ts';

async function connect(options: FaceWorldOptions = {}) {
  const world = await makeFaceWorld(options);
  const client = new Anthropic({ baseURL: world.baseUrl, apiKey: world.key });
  return { ...world, client };
}

const ask = {
  model: 'claude-opus-99',
  max_tokens: 500,
  messages: [{ role: 'user' as const, content: 'What is 2 + 2?' }],
};

const tools = [
  {
    name: 'look',
    description: 'Looks at a file.',
    input_schema: { type: 'object' as const, properties: { path: { type: 'string' } } },
  },
];

/** Calls `look` once, then says what it saw. */
function looking({ messages }: DoubleRequest) {
  const results = messages.flatMap(({ toolResults }) => toolResults);
  return results.length === 0
    ? {
        reasoning: 'I should look.',
        text: 'Let me look.',
        toolCalls: [{ name: 'look', input: { path: 'a.ts' } }],
      }
    : { text: `I saw: ${results.map(({ output, isError }) => `${output} ${isError}`).join()}` };
}

describe('the Anthropic client', () => {
  it('gets an answer of the seat’s model, charged to the micro-dollar', async () => {
    const { client, gateway, billedMicroUsd, upstream } = await connect();
    const message = await client.messages.create({ ...ask, system: 'You calculate.' });
    expect(message).toMatchObject({
      type: 'message',
      role: 'assistant',
      model: 'claude-sonnet-5-5',
      content: [{ type: 'text', text: 'Four.' }],
      stop_reason: 'end_turn',
    });
    expect(upstream.requests[0]).toMatchObject({ model: 'claude-sonnet-5-5', system: 'You calculate.' });
    expect(gateway.tape.costMicroUsd).toBe(billedMicroUsd());
    expect(billedMicroUsd()).toBeGreaterThan(0);
  });

  it('is told the tokens that the provider counted, cached ones apart', async () => {
    const usage = { inputTokens: 10, cacheReadTokens: 20, cacheWriteTokens: 30, outputTokens: 5 };
    const { client } = await connect({ brain: () => ({ text: 'ok', usage }) });
    expect((await client.messages.create(ask)).usage).toEqual({
      input_tokens: 10,
      cache_read_input_tokens: 20,
      cache_creation_input_tokens: 30,
      output_tokens: 5,
    });
  });

  it('never gets more output than the policy has, and less when it asks for less', async () => {
    const { client, upstream } = await connect({ seat: { maxOutputTokens: 300 } });
    await client.messages.create(ask);
    await client.messages.create({ ...ask, max_tokens: 50 });
    expect(upstream.requests.map(({ maxOutputTokens }) => maxOutputTokens)).toEqual([300, 50]);
  });

  it.each([false, true])('uses tools of its own over several turns (streamed: %s)', async (isStreamed) => {
    const { client, gateway, upstream, billedMicroUsd, journal } = await connect({ brain: looking });
    const send = (messages: Anthropic.MessageParam[]) =>
      isStreamed
        ? client.messages.stream({ ...ask, messages, tools }).finalMessage()
        : client.messages.create({ ...ask, messages, tools });
    const first = await send(ask.messages);
    expect(first.stop_reason).toBe('tool_use');
    expect(first.content).toEqual([
      { type: 'thinking', thinking: 'I should look.', signature: 'sig-1' },
      { type: 'text', text: 'Let me look.' },
      { type: 'tool_use', id: 'toolu_1_0', name: 'look', input: { path: 'a.ts' } },
    ]);
    const result: Anthropic.ContentBlockParam = {
      type: 'tool_result',
      tool_use_id: 'toolu_1_0',
      is_error: true,
      content: [{ type: 'text', text: 'no such file' }],
    };
    const second = await send([
      ...ask.messages,
      { role: 'assistant', content: first.content },
      { role: 'user', content: [result] },
    ]);
    expect(second.content).toEqual([{ type: 'text', text: 'I saw: no such file true' }]);
    // The provider gets its reasoning back with the signature that it gave.
    expect(JSON.stringify(upstream.requests[1]?.body.messages)).toContain('"signature":"sig-1"');
    expect(upstream.requests[1]?.tools).toEqual(['look']);
    expect(gateway.tape.costMicroUsd).toBe(billedMicroUsd());
    expect(gateway.tape.messages).toHaveLength(4);
    const recorded = (await journal.read(agent)).filter(({ kind }) => kind === 'model.request_recorded');
    const [opening, next] = recorded.map(({ data }) => data as Record<string, unknown>);
    expect(next).toMatchObject({ base: opening?.request, kept: 2, added: [{ role: 'user' }] });
  });

  it('gets the events of a stream in the protocol’s order', async () => {
    const { client } = await connect({ brain: looking });
    const events: string[] = [];
    for await (const event of await client.messages.create({ ...ask, tools, stream: true })) {
      events.push('delta' in event && event.delta && 'type' in event.delta ? event.delta.type : event.type);
    }
    expect(events).toEqual([
      'message_start',
      ...['content_block_start', 'thinking_delta', 'signature_delta', 'content_block_stop'],
      ...['content_block_start', 'text_delta', 'content_block_stop'],
      ...['content_block_start', 'input_json_delta', 'content_block_stop'],
      'message_delta',
      'message_stop',
    ]);
  });

  it('offers no tool with tool_choice none, and only the named one when one is named', async () => {
    const { client, upstream } = await connect();
    const two = [...tools, { ...tools[0]!, name: 'write' }];
    await client.messages.create({ ...ask, tools: two, tool_choice: { type: 'none' } });
    await client.messages.create({ ...ask, tools: two, tool_choice: { type: 'tool', name: 'write' } });
    expect(upstream.requests.map((request) => request.tools)).toEqual([[], ['write']]);
  });

  it('reads words in the place of a picture', async () => {
    const { client, upstream } = await connect();
    const source = { type: 'base64' as const, media_type: 'image/png' as const, data: 'aGk=' };
    const content: Anthropic.ContentBlockParam[] = [
      { type: 'image', source },
      { type: 'text', text: 'What is this?' },
    ];
    await client.messages.create({ ...ask, messages: [{ role: 'user', content }] });
    expect(upstream.requests[0]?.messages[0]?.text).toContain('image left out');
  });

  it('is refused a tool that would run at the provider', async () => {
    const { client, upstream } = await connect();
    const search = { type: 'web_search_20250305' as const, name: 'web_search' as const };
    await expect(client.messages.create({ ...ask, tools: [search] })).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('web_search'),
    });
    expect(upstream.requests).toEqual([]);
  });

  it('counts tokens and lists the one model without a call', async () => {
    const { client, upstream } = await connect();
    const counted = await client.messages.countTokens({ model: ask.model, messages: ask.messages });
    expect(counted.input_tokens).toBeGreaterThan(5);
    expect((await client.models.list()).data.map(({ id }) => id)).toEqual(['claude-sonnet-5-5']);
    expect(upstream.servedCount).toBe(0);
  });

  it('works with the beta parameter in the address', async () => {
    const { client } = await connect();
    const message = await client.beta.messages.create({ ...ask, betas: ['context-management-2025-06-27'] });
    expect(message.content[0]).toMatchObject({ text: 'Four.' });
  });
});
