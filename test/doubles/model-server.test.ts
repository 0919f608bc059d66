import { afterEach, describe, expect, it } from 'vitest';
import { type ModelServer, startModelServer } from './model-server.ts';

let server: ModelServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const tool = { name: 'read', input: { path: 'a.ts' } };

async function post(path: string, body: unknown): Promise<string> {
  const response = await fetch(`${server?.baseUrl}${path}`, {
    method: 'POST',
    headers: {
      'x-api-key': 'test-key',
      authorization: 'Bearer test-key',
      'content-type': 'application/json',
    },
    body: JSON.stringify(body),
  });
  return response.text();
}

function dataLines(stream: string): Record<string, unknown>[] {
  return stream
    .split('\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => JSON.parse(line.slice(6)));
}

const messages = [{ role: 'user', content: 'hello' }];

describe('the model server double', () => {
  it('streams the Anthropic protocol: text, tool input, stop reason and usage add up to the whole answer', async () => {
    const usage = { inputTokens: 3, cacheReadTokens: 5, cacheWriteTokens: 7, outputTokens: 9 };
    server = await startModelServer({ brain: () => ({ text: 'Hi.', toolCalls: [tool], usage }) });
    const events = dataLines(await post('/messages', { model: 'm', max_tokens: 10, stream: true, messages }));
    expect(events.map(({ type }) => type)).toEqual([
      'message_start',
      ...Array(2).fill(['content_block_start', 'content_block_delta', 'content_block_stop']).flat(),
      'message_delta',
      'message_stop',
    ]);
    expect(events[2]).toMatchObject({ delta: { type: 'text_delta', text: 'Hi.' } });
    expect(events[5]).toMatchObject({ delta: { partial_json: JSON.stringify(tool.input) } });
    expect(events[7]).toMatchObject({
      delta: { stop_reason: 'tool_use' },
      usage: {
        input_tokens: 3,
        cache_read_input_tokens: 5,
        cache_creation_input_tokens: 7,
        output_tokens: 9,
      },
    });
  });

  it('streams the OpenAI protocol, with the usage in the last chunk', async () => {
    const usage = { inputTokens: 3, cacheReadTokens: 5, cacheWriteTokens: 0, outputTokens: 9 };
    server = await startModelServer({ brain: () => ({ toolCalls: [tool], usage }) });
    const text = await post('/chat/completions', { model: 'm', max_tokens: 10, stream: true, messages });
    const events = dataLines(text);
    expect(text.trimEnd().endsWith('data: [DONE]')).toBe(true);
    expect(events[0]).toMatchObject({
      choices: [{ delta: { tool_calls: [{ index: 0, function: { name: 'read' } }] } }],
    });
    expect(events[1]).toMatchObject({ choices: [{ finish_reason: 'tool_calls' }] });
    expect(events[2]).toMatchObject({
      usage: { prompt_tokens: 8, completion_tokens: 9, prompt_tokens_details: { cached_tokens: 5 } },
    });
  });

  it('plays its faults one per request and then answers; it bills what a provider would bill', async () => {
    server = await startModelServer({
      brain: () => ({ text: 'Hi.' }),
      faults: [{ kind: 'overloaded' }, { kind: 'malformed_json' }],
    });
    const body = { model: 'm', max_tokens: 10, messages };
    const answers: string[] = [];
    for (let n = 0; n < 3; n += 1) answers.push(await post('/messages', body));
    expect(answers[0]).toContain('overloaded_error');
    expect(() => JSON.parse(answers[1] ?? '')).toThrow();
    expect(answers[2]).toContain('Hi.');
    expect(server.servedCount).toBe(3);
    expect(server.billed).toHaveLength(2);
  });
});
