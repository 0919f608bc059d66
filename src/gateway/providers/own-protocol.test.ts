import { describe, expect, it, onTestFinished } from 'vitest';
import { startModelServer } from '../../../test/doubles/model-server.ts';
import { makeRequest, never, protocols, start } from '../../../test/doubles/provider-world.ts';
import { createProvider } from './create-provider.ts';

describe('the anthropic provider', () => {
  const { name, model } = protocols[0];

  it('marks the system text and the last message for caching, so that the next call reads what this one wrote', async () => {
    const { server, provider } = await start(name, () => ({ text: 'ok' }));
    const request = makeRequest(model, { system: 'Stable rules. '.repeat(200) });
    const first = await provider.generate(request, never);
    const second = await provider.generate(
      {
        ...request,
        messages: [
          ...request.messages,
          { role: 'assistant', content: [{ type: 'text', text: 'ok' }] },
          { role: 'user', content: [{ type: 'text', text: 'and three numbers' }] },
        ],
      },
      never,
    );
    if (!first.ok || !second.ok) throw new Error('both calls should be answered');
    expect(first.reply.usage).toMatchObject({ inputTokens: 0, cacheReadTokens: 0 });
    expect(first.reply.usage.cacheWriteTokens).toBeGreaterThan(600);
    expect(second.reply.usage.cacheReadTokens).toBe(first.reply.usage.cacheWriteTokens);
    expect(second.reply.usage.cacheWriteTokens).toBeLessThan(100);
    expect([first.reply.usage, second.reply.usage]).toEqual(server.billed.map(({ usage }) => usage));
  });

  it('gives reasoning back unchanged, with its signature', async () => {
    const { server, provider } = await start(name, () => ({ reasoning: 'two and two', text: 'Four.' }));
    const request = makeRequest(model);
    const first = await provider.generate(request, never);
    if (!first.ok) throw new Error(first.failure.message);
    expect(first.reply.content[0]).toMatchObject({ type: 'reasoning', text: 'two and two' });
    const content = JSON.parse(JSON.stringify(first.reply.content));
    await provider.generate(
      {
        ...request,
        messages: [
          ...request.messages,
          { role: 'assistant', content },
          { role: 'user', content: [{ type: 'text', text: 'sure?' }] },
        ],
      },
      never,
    );
    const sent = server.requests[1]?.body.messages as { content: unknown[] }[];
    expect(sent[1]?.content[0]).toMatchObject({
      type: 'thinking',
      thinking: 'two and two',
      signature: 'sig-1',
    });
  });

  it('sends no system text where there is none', async () => {
    const { server, provider } = await start(name, () => ({ text: 'ok' }));
    await provider.generate(makeRequest(model, { system: '' }), never);
    expect(server.requests[0]?.body).not.toHaveProperty('system');
  });

  it('sends the effort only to models that have one', async () => {
    const server = await startModelServer({ brain: () => ({ text: 'ok' }) });
    onTestFinished(server.close);
    const provider = createProvider({ name, baseUrl: server.baseUrl, apiKey: 'test-key' });
    for (const id of [model, 'claude-haiku-4-5', 'house-model']) {
      await provider.generate(makeRequest(id, { effort: 'low' }), never);
    }
    expect(server.requests.map(({ body }) => JSON.stringify(body).includes('"effort":"low"'))).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe('the openai-compatible provider', () => {
  const { name } = protocols[1];

  it('names the output limit and the effort as the model takes them', async () => {
    const server = await startModelServer({ brain: () => ({ text: 'ok' }), apiKey: null });
    onTestFinished(server.close);
    const provider = createProvider({ name, baseUrl: server.baseUrl, apiKey: null });
    await provider.generate(makeRequest('gpt-6-sol', { effort: 'high' }), never);
    await provider.generate(makeRequest('local-llm', { effort: 'high' }), never);
    expect(server.requests[0]?.body).toMatchObject({ max_completion_tokens: 500, reasoning_effort: 'high' });
    expect(server.requests[0]?.body).not.toHaveProperty('max_tokens');
    expect(server.requests[1]?.body).toMatchObject({ max_tokens: 500 });
    expect(server.requests[1]?.body).not.toHaveProperty('reasoning_effort');
  });

  it('reads the cache writes that newer models bill dearer', async () => {
    const usage = { inputTokens: 10, cacheReadTokens: 20, cacheWriteTokens: 30, outputTokens: 5 };
    const { provider } = await start(name, () => ({ text: 'ok', usage }));
    expect(await provider.generate(makeRequest('gpt-5.2'), never)).toMatchObject({
      ok: true,
      reply: { usage },
    });
  });

  it('counts cached prompt tokens once', async () => {
    const { server, provider } = await start(name, () => ({ text: 'ok' }));
    const request = makeRequest('gpt-5.2');
    await provider.generate(request, never);
    const again = await provider.generate(request, never);
    if (!again.ok) throw new Error(again.failure.message);
    expect(again.reply.usage).toEqual(server.billed[1]?.usage);
    expect(again.reply.usage.cacheReadTokens).toBeGreaterThan(0);
    expect(again.reply.usage.inputTokens).toBe(0);
  });
});
