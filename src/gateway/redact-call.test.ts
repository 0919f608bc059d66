import { describe, expect, it } from 'vitest';
import { agent, answering, ask, makeWorld, ran, toolCall } from '../../test/doubles/agent-world.ts';
import { spellingsOf } from '../../test/secrets/spellings.ts';
import { createRedactor } from '../secrets/redactor.ts';
import { type AgentGateway, openAgentGateway } from './agent-gateway.ts';
import type { ModelProvider, ModelReply, ModelRequest } from './model.ts';

const value = 'npm_a8Fk29sLq0Zx7Tt41mWc';
const redactor = createRedactor([{ name: 'NPM_TOKEN', value }]);
const placeholder = '[secret:NPM_TOKEN]';

/** A gateway that knows the secret, and what its provider was asked. */
async function openWorld(...replies: (ModelReply['content'] | { fails: string })[]) {
  const world = await makeWorld();
  const asked: ModelRequest[] = [];
  const answers = answering(
    ...replies.map((reply) =>
      'fails' in reply
        ? {
            ok: false as const,
            failure: {
              kind: 'rejected' as const,
              message: reply.fails,
              isRetryable: false,
              retryAfterMs: null,
              mayHaveBilled: false,
              usage: null,
            },
          }
        : { content: reply, stop: 'end' as const },
    ),
  );
  const provider: ModelProvider = {
    ...answers,
    generate: (request, signal) => {
      asked.push(structuredClone(request));
      return answers.generate(request, signal);
    },
  };
  const gateway = await openAgentGateway(world.options({ provider, redactor, deliverables: ['notes.md'] }));
  const stored = async () => JSON.stringify(await world.journal.read(agent));
  return { ...world, gateway, asked, stored };
}

async function reply(gateway: AgentGateway) {
  const outcome = await gateway.callModel(ask);
  if (outcome.kind !== 'reply') throw new Error(outcome.kind);
  return outcome.reply;
}

describe('a gateway that knows a secret', () => {
  it('sends no model a prompt with it, and stores none', async () => {
    const { gateway, asked, journal } = await openWorld([{ type: 'text', text: 'ok' }]);
    const puts: string[] = [];
    const putBlob = journal.putBlob;
    journal.putBlob = (bytes) => {
      puts.push(Buffer.from(bytes).toString('utf8'));
      return putBlob(bytes);
    };
    for (const { text } of spellingsOf(value)) {
      await gateway.callModel({
        ...ask,
        system: `You know ${text}.`,
        messages: [{ role: 'user', content: [{ type: 'text', text: `Use ${text}.` }] }],
      });
      const seen = JSON.stringify(asked.at(-1));
      expect(seen.split(placeholder)).toHaveLength(3);
      expect(seen).not.toContain(text);
    }
    expect(puts.join('\n')).toContain(placeholder);
    for (const { text } of spellingsOf(value)) expect(puts.join('\n')).not.toContain(text);
  });

  it('says the same to an outside agent’s model, about its tools too', async () => {
    const { gateway, asked, stored } = await openWorld([{ type: 'text', text: value }]);
    const outcome = await gateway.callModelFor({
      ...ask,
      messages: [{ role: 'user', content: [{ type: 'text', text: value }] }],
      tools: [{ name: 'fetch', description: `with ${value}`, inputSchema: { const: value } }],
      signal: new AbortController().signal,
    });
    expect(asked[0]).toMatchObject({
      messages: [{ content: [{ text: placeholder }] }],
      tools: [{ description: `with ${placeholder}`, inputSchema: { const: placeholder } }],
    });
    expect(outcome).toMatchObject({ kind: 'reply', reply: { content: [{ text: placeholder }] } });
    expect(await stored()).not.toContain(value);
  });

  it('takes it out of replies before anybody sees them: texts, inputs of calls and their keys', async () => {
    const input = { [value]: [value, { deep: `Bearer ${value}` }] };
    const { gateway, stored } = await openWorld([
      { type: 'text', text: `It is ${value}.` },
      { type: 'tool_call', id: 'c1', tool: 'run', input },
    ]);
    const { content } = await reply(gateway);
    const clean = { [placeholder]: [placeholder, { deep: `Bearer ${placeholder}` }] };
    expect(content).toMatchObject([{ text: `It is ${placeholder}.` }, { input: clean }]);
    expect(gateway.tape.messages).toEqual([{ role: 'assistant', content }]);
    expect(await stored()).not.toContain(value);
  });

  it('leaves reasoning out whole, which a provider wants back unchanged or not at all', async () => {
    const { gateway } = await openWorld([
      { type: 'reasoning', text: `think ${value}`, providerData: { signature: 'signed' } },
      { type: 'reasoning', text: 'think', providerData: { signature: 'signed' } },
    ]);
    expect((await reply(gateway)).content).toMatchObject([
      { type: 'text', text: '(reasoning left out: there was a secret in it)' },
      { type: 'reasoning', text: 'think', providerData: { signature: 'signed' } },
    ]);
  });

  it('takes it out of what tools are asked and what they answer, before an answer is cut', async () => {
    const { gateway, cell, stored } = await openWorld();
    await cell.writeFile('long', `${'x'.repeat(9_990)}${value}${'y'.repeat(40_000)}`);
    await cell.writeFile('wide', `${'x'.repeat(125)}${value}${'y'.repeat(400)}`);
    const asked = toolCall('shell', { command: `echo ${value}` });
    expect((await ran(gateway, asked)).output).toContain(placeholder);
    const read = await ran(gateway, toolCall('read', { path: 'long' }));
    expect(read.output).not.toMatch(/npm_|Tt41mWc/);
    const found = await ran(gateway, toolCall('grep', { pattern: 'x' }));
    expect(found.output).not.toMatch(/npm_|Tt41mWc/);
    const refused = await ran(gateway, toolCall('nonsense', { path: value }));
    expect(refused.isError).toBe(true);
    const text = await stored();
    expect(text).toContain(placeholder);
    expect(text).not.toContain(value);
  });

  it('delivers artifacts without it', async () => {
    const { gateway, journal } = await openWorld();
    await ran(gateway, toolCall('deliver', { name: 'notes.md', content: `Notes: ${value}` }));
    const hash = gateway.tape.delivered['notes.md'] as Parameters<typeof journal.getBlob>[0];
    expect(Buffer.from((await journal.getBlob(hash)) ?? []).toString()).toBe(`Notes: ${placeholder}`);
  });

  it('records failures and endings without it', async () => {
    const { gateway, stored } = await openWorld({ fails: `bad key ${value}` });
    expect(await gateway.callModel(ask)).toMatchObject({ kind: 'failed' });
    await gateway.finish({ outcome: 'done', summary: `used ${value}`, commit: null, findings: [] });
    expect(gateway.tape.ending?.summary).toBe(`used ${placeholder}`);
    expect(await stored()).not.toContain(value);
  });
});
