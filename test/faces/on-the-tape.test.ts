import Anthropic from '@anthropic-ai/sdk';
import { describe, expect, it } from 'vitest';
import { openAgentGateway } from '../../src/gateway/agent-gateway.ts';
import { readTape } from '../../src/gateway/tape-writer.ts';
import { agent } from '../doubles/agent-world.ts';
import { makeFaceWorld } from './face-world.ts';

const ask = { model: 'any', max_tokens: 500 };

async function converse(turns: number) {
  const world = await makeFaceWorld({
    brain: () => ({ text: `an answer of some length ${'x'.repeat(500)}` }),
  });
  const client = new Anthropic({ baseURL: world.baseUrl, apiKey: world.key });
  const messages: Anthropic.MessageParam[] = [];
  for (let turn = 1; turn <= turns; turn += 1) {
    messages.push({ role: 'user', content: `question ${turn} ${'y'.repeat(500)}` });
    const { content } = await client.messages.create({ ...ask, messages });
    messages.push({ role: 'assistant', content });
  }
  return { ...world, client, messages };
}

describe('an outside agent’s tape', () => {
  it('holds the conversation as it was sent and answered', async () => {
    const { gateway, journal, messages } = await converse(3);
    const read = await readTape(journal, agent);
    expect(read).toEqual(gateway.tape);
    expect(read.messages.map(({ role }) => role)).toEqual(messages.map(({ role }) => role));
    expect(read.calls).toBe(3);
  });

  it('grows by what is new in a request and not by the whole of it', async () => {
    const { journal } = await converse(30);
    const sizes = (await journal.read(agent))
      .filter(({ kind }) => kind === 'model.request_recorded')
      .map(({ data }) => JSON.stringify(data).length);
    expect(sizes).toHaveLength(30);
    // The question and the bookkeeping; never the twenty-nine that came before it.
    expect(Math.max(...sizes)).toBeLessThan(1_000);
  });

  it('goes on where it was when its gateway is opened again', async () => {
    const { journal, options, upstream, server, seat, baseUrl, messages } = await converse(2);
    const provider = { ...options().provider };
    const reopened = await openAgentGateway(options({ provider }));
    const { key } = server.register({ ...seat, gateway: reopened });
    const client = new Anthropic({ baseURL: baseUrl, apiKey: key });
    await client.messages.create({ ...ask, messages: [...messages, { role: 'user', content: 'and now?' }] });
    const recorded = (await journal.read(agent)).filter(({ kind }) => kind === 'model.request_recorded');
    expect(recorded.at(-1)?.data).toMatchObject({
      kept: 4,
      added: [{ content: [{ text: 'and now?' }] }],
    });
    expect(upstream.billed).toHaveLength(2);
    expect(reopened.tape.messages).toHaveLength(6);
  });

  it('has a refused request too, and the next one stands on it', async () => {
    const { journal, gateway } = await converse(1);
    const asked = {
      system: '',
      messages: [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'much' }] }],
      tools: [],
      maxOutputTokens: 100_000_000,
      effort: null,
      signal: new AbortController().signal,
    };
    expect((await gateway.callModelFor(asked)).kind).toBe('refused');
    expect((await gateway.callModelFor({ ...asked, maxOutputTokens: 100 })).kind).toBe('reply');
    const kinds = (await journal.read(agent)).slice(-6).map(({ kind }) => kind);
    expect(kinds).toEqual([
      'prompt.recorded',
      'model.request_recorded',
      'model.call_refused',
      'model.request_recorded',
      'model.call_intended',
      'model.call_finished',
    ]);
  });
});
