import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import type { DoubleRequest } from '../doubles/model-protocol.ts';
import { type FaceWorldOptions, makeFaceWorld } from './face-world.ts';

async function connect(options: FaceWorldOptions = {}) {
  const world = await makeFaceWorld(options);
  const client = new OpenAI({ baseURL: `${world.baseUrl}/v1`, apiKey: world.key });
  return { ...world, client };
}

const usage = { inputTokens: 10, cacheReadTokens: 20, cacheWriteTokens: 30, outputTokens: 5 };

/** Calls `look` once, then says what it saw. */
function looking({ messages, system }: DoubleRequest) {
  const results = messages.flatMap(({ toolResults }) => toolResults);
  return results.length === 0
    ? {
        reasoning: 'I should look.',
        text: 'Let me look.',
        toolCalls: [{ name: 'look', input: { path: 'a.ts' } }],
      }
    : { text: `${system}: I saw ${results.map(({ output }) => output).join()}` };
}

describe('the OpenAI client over Chat Completions', () => {
  const messages: OpenAI.ChatCompletionMessageParam[] = [
    { role: 'system', content: 'You calculate.' },
    { role: 'user', content: [{ type: 'text', text: 'What is 2 + 2?' }] },
  ];
  const ask = { model: 'gpt-99', messages };
  const tools: OpenAI.ChatCompletionTool[] = [
    {
      type: 'function',
      function: {
        name: 'look',
        description: 'Looks.',
        parameters: { type: 'object', properties: { path: { type: 'string' } } },
      },
    },
  ];

  it('gets an answer of the seat’s model with the provider’s tokens', async () => {
    const { client, upstream } = await connect({ brain: () => ({ text: 'Four.', usage }) });
    const completion = await client.chat.completions.create({ ...ask, max_completion_tokens: 70 });
    expect(completion).toMatchObject({
      object: 'chat.completion',
      model: 'claude-sonnet-5-5',
      choices: [{ message: { role: 'assistant', content: 'Four.' }, finish_reason: 'stop' }],
      usage: {
        prompt_tokens: 60,
        completion_tokens: 5,
        total_tokens: 65,
        prompt_tokens_details: { cached_tokens: 20, cache_write_tokens: 30 },
      },
    });
    expect(upstream.requests[0]).toMatchObject({
      model: 'claude-sonnet-5-5',
      system: 'You calculate.',
      maxOutputTokens: 70,
    });
  });

  it.each([
    ['anthropic', false],
    ['anthropic', true],
    ['openai-compatible', false],
    ['openai-compatible', true],
  ] as const)(
    'uses tools of its own over several turns (%s behind it, streamed: %s)',
    async (name, isStreamed) => {
      const world = await connect({ brain: looking, upstream: name });
      const send = async (sent: OpenAI.ChatCompletionMessageParam[]) =>
        isStreamed
          ? world.client.chat.completions.stream({ ...ask, messages: sent, tools }).finalChatCompletion()
          : world.client.chat.completions.create({ ...ask, messages: sent, tools });
      const [first] = (await send(messages)).choices;
      expect(first?.finish_reason).toBe('tool_calls');
      const call = first?.message.tool_calls?.[0];
      expect(call).toMatchObject({
        type: 'function',
        function: { name: 'look', arguments: '{"path":"a.ts"}' },
      });
      const [second] = (
        await send([
          ...messages,
          first!.message,
          { role: 'tool', tool_call_id: call!.id, content: 'an empty file' },
        ])
      ).choices;
      expect(second?.message.content).toBe('You calculate.: I saw an empty file');
      expect(world.gateway.tape.costMicroUsd).toBe(world.billedMicroUsd());
    },
  );

  it('is told the tokens at the end of a stream when it asks for them', async () => {
    const { client } = await connect({ brain: () => ({ text: 'Four.', usage }) });
    const read = async (options: object) => {
      const chunks: OpenAI.ChatCompletionChunk[] = [];
      const stream = await client.chat.completions.create({ ...ask, ...options, stream: true });
      for await (const chunk of stream) chunks.push(chunk);
      return chunks;
    };
    const chunks = await read({ stream_options: { include_usage: true } });
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 60, completion_tokens: 5 } });
    expect((await read({})).every(({ usage: told }) => told === undefined)).toBe(true);
  });
});

describe('the OpenAI client over Responses', () => {
  const ask = { model: 'gpt-99', instructions: 'You calculate.', store: false };
  const tools: OpenAI.Responses.Tool[] = [
    {
      type: 'function',
      name: 'look',
      description: 'Looks.',
      parameters: { type: 'object', properties: { path: { type: 'string' } } },
      strict: false,
    },
  ];

  it('gets an answer of the seat’s model with the provider’s tokens', async () => {
    const { client } = await connect({ brain: () => ({ text: 'Four.', usage }) });
    const response = await client.responses.create({ ...ask, input: 'What is 2 + 2?' });
    expect(response).toMatchObject({
      object: 'response',
      status: 'completed',
      model: 'claude-sonnet-5-5',
      output_text: 'Four.',
      usage: { input_tokens: 60, output_tokens: 5, input_tokens_details: { cached_tokens: 20 } },
    });
  });

  it('is told that an answer was cut short', async () => {
    const { client } = await connect({ brain: () => ({ text: 'Fou', stop: 'max_tokens' }) });
    const response = await client.responses.create({ ...ask, input: 'What is 2 + 2?' });
    expect(response).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
    });
  });

  it.each([false, true])('uses tools of its own over several turns (streamed: %s)', async (isStreamed) => {
    const { client, upstream, gateway, billedMicroUsd } = await connect({ brain: looking });
    const send = async (input: OpenAI.Responses.ResponseInput) =>
      isStreamed
        ? client.responses.stream({ ...ask, input, tools }).finalResponse()
        : client.responses.create({ ...ask, input, tools });
    const question: OpenAI.Responses.ResponseInput = [{ role: 'user', content: 'What is in it?' }];
    const first = await send(question);
    expect(first.output.map(({ type }) => type)).toEqual(['reasoning', 'message', 'function_call']);
    const call = first.output[2] as OpenAI.Responses.ResponseFunctionToolCall;
    expect(call).toMatchObject({ name: 'look', arguments: '{"path":"a.ts"}' });
    const second = await send([
      ...question,
      ...(first.output as OpenAI.Responses.ResponseInputItem[]),
      { type: 'function_call_output', call_id: call.call_id, output: 'an empty file' },
    ]);
    expect(second.output_text).toBe('You calculate.: I saw an empty file');
    // The provider gets its reasoning back with the signature that it gave.
    expect(JSON.stringify(upstream.requests[1]?.body.messages)).toContain('"signature":"sig-1"');
    expect(gateway.tape.costMicroUsd).toBe(billedMicroUsd());
  });

  it('gets the events of a stream in the protocol’s order, numbered', async () => {
    const { client } = await connect({ brain: looking });
    const events: OpenAI.Responses.ResponseStreamEvent[] = [];
    const stream = await client.responses.create({ ...ask, input: 'What is in it?', tools, stream: true });
    for await (const event of stream) events.push(event);
    expect(events.map(({ type }) => type.replace('response.', ''))).toEqual([
      ...['created', 'in_progress'],
      ...['output_item.added', 'reasoning_summary_part.added', 'reasoning_summary_text.delta'],
      ...['reasoning_summary_text.done', 'reasoning_summary_part.done', 'output_item.done'],
      ...['output_item.added', 'content_part.added', 'output_text.delta', 'output_text.done'],
      ...['content_part.done', 'output_item.done'],
      ...['output_item.added', 'function_call_arguments.delta', 'function_call_arguments.done'],
      'output_item.done',
      'completed',
    ]);
    expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_, index) => index));
  });
});
