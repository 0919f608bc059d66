import { describe, expect, it } from 'vitest';
import type { DoubleAnswer } from '../../../test/doubles/model-protocol.ts';
import { makeRequest, never, protocols, start } from '../../../test/doubles/provider-world.ts';

describe.each(protocols)('the $name provider', ({ name, model }) => {
  it('sends system text, messages, tools and the output limit, and returns text with its tokens', async () => {
    const usage = { inputTokens: 12, cacheReadTokens: 34, cacheWriteTokens: 0, outputTokens: 5 };
    const { server, provider } = await start(name, () => ({ text: 'Four.', usage }));
    const outcome = await provider.generate(makeRequest(model), never);
    expect(outcome).toEqual({
      ok: true,
      reply: { content: [{ type: 'text', text: 'Four.' }], stop: 'end', usage },
    });
    expect(server.requests[0]).toMatchObject({
      model,
      system: 'You are a careful developer.',
      messages: [{ role: 'user', text: 'Add two numbers.' }],
      tools: ['read'],
      maxOutputTokens: 500,
    });
    expect(JSON.stringify(server.requests[0]?.body)).not.toContain('itemTitle');
  });

  it('carries tool calls out and their results back, several in one turn and errors marked as such', async () => {
    const { server, provider } = await start(name, (request) =>
      request.messages.length === 1
        ? { text: 'Looking.', toolCalls: ['a.ts', 'b.ts'].map((path) => ({ name: 'read', input: { path } })) }
        : { text: 'Done.' },
    );
    const request = makeRequest(model);
    const first = await provider.generate(request, never);
    if (!first.ok) throw new Error(first.failure.message);
    expect(first.reply.stop).toBe('tool_call');
    const calls = first.reply.content.filter((part) => part.type === 'tool_call');
    expect(calls.map(({ tool, input }) => ({ tool, input }))).toEqual([
      { tool: 'read', input: { path: 'a.ts' } },
      { tool: 'read', input: { path: 'b.ts' } },
    ]);
    const results = calls.map(({ id, tool }, index) => ({
      type: 'tool_result' as const,
      id,
      tool,
      output: `result ${index}`,
      isError: index === 1,
    }));
    const second = await provider.generate(
      {
        ...request,
        messages: [
          ...request.messages,
          { role: 'assistant', content: first.reply.content },
          { role: 'user', content: [...results, { type: 'text', text: 'go on' }] },
        ],
      },
      never,
    );
    expect(second.ok).toBe(true);
    const sent = server.requests[1]?.messages ?? [];
    expect(sent.flatMap((message) => message.toolCalls)).toEqual(
      calls.map(({ id, input }) => ({ id, name: 'read', input })),
    );
    expect(sent.flatMap((message) => message.toolResults).map(({ output }) => output)).toEqual([
      'result 0',
      'result 1',
    ]);
    if (name === 'anthropic')
      expect(sent.at(-1)?.toolResults.map(({ isError }) => isError)).toEqual([false, true]);
    expect(sent.at(-1)?.text).toContain('go on');
  });

  it('passes on a call of a tool that does not exist, for the gateway to refuse', async () => {
    const { provider } = await start(name, () => ({ toolCalls: [{ name: 'sudo', input: { x: 1 } }] }));
    const outcome = await provider.generate(makeRequest(model), never);
    expect(outcome).toMatchObject({ ok: true, reply: { content: [{ tool: 'sudo', input: { x: 1 } }] } });
  });

  it('reads a refused and a cut-short answer as such', async () => {
    const answers: DoubleAnswer[] = [
      { text: 'I will', stop: 'max_tokens' },
      { text: 'No.', stop: 'refusal' },
    ];
    const { provider } = await start(name, () => answers.shift() ?? {});
    const stops = [];
    for (let n = 0; n < 2; n += 1) {
      const outcome = await provider.generate(makeRequest(model), never);
      stops.push(outcome.ok ? outcome.reply.stop : outcome.failure.kind);
    }
    expect(stops).toEqual(['max_tokens', 'refusal']);
  });
});
