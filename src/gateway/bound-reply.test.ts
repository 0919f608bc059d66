import { describe, expect, it } from 'vitest';
import { agent, answering, ask, makeWorld, ran, usage } from '../../test/doubles/agent-world.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { openAgentGateway } from './agent-gateway.ts';
import { boundReply, replyLimits } from './bound-reply.ts';
import type { AssistantPart, ToolCallPart } from './model.ts';

function call(input: JsonObject, id = 'c1', tool = 'write'): ToolCallPart {
  return { type: 'tool_call', id, tool, input };
}

function bounded(...content: AssistantPart[]): AssistantPart[] {
  return boundReply({ content, stop: 'tool_call', usage }).content;
}

function nested(levels: number): JsonObject {
  let value: Json = 'x';
  for (let level = 0; level < levels; level += 1) value = { a: [value] };
  return { path: value };
}

describe('a reply', () => {
  it('of usual size stays as it is', () => {
    const content = [
      { type: 'reasoning', text: 'hm', providerData: { signature: 's' } },
      { type: 'text', text: 'I write it' },
      call({ path: 'a.txt', content: 'x'.repeat(500_000) }),
      call({ path: 'b.txt', content: '' }, 'c2'),
    ] satisfies AssistantPart[];
    expect(bounded(...content)).toEqual(content);
  });

  it.each([
    ['nested 100,000 levels deep', nested(50_000), 'nested more than 50 levels'],
    ['of 5 MB', { path: 'a', content: 'x'.repeat(5_000_000) }, 'longer than 1,000,000 characters'],
    ['of 5 MB of keys', { ['k'.repeat(5_000_000)]: 1 }, 'longer than 1,000,000 characters'],
    ['with a million entries', { argv: Array(1_100_000).fill('') }, 'longer than 1,000,000 characters'],
    ['with a number that JSON has no word for', { limit: JSON.parse('1e999') }, 'a number that is too large'],
  ])('with an input %s is told so, and nothing of it is run', async (_, input, reason) => {
    const { options, cell } = await makeWorld();
    const provider = answering({ content: [call(input as JsonObject)], stop: 'tool_call' });
    const gateway = await openAgentGateway(options({ provider }));
    const answer = await gateway.callModel(ask);
    if (answer.kind !== 'reply') throw new Error(answer.kind);
    const made = answer.reply.content.find((part) => part.type === 'tool_call');
    if (!made) throw new Error('no call');
    const result = await ran(gateway, made);
    expect(result).toMatchObject({ isError: true, output: expect.stringContaining(reason) });
    expect(result.output.length).toBeLessThan(200);
    expect((await cell.glob('**', 100)).ok).toBe(true);
  });

  it('with 10,000 calls keeps the first ones and says how many were left out', () => {
    const content = bounded(
      ...Array.from({ length: 10_000 }, (_, n) => call({ path: 'a' }, `c${n}`, 'read')),
    );
    expect(content.filter((part) => part.type === 'tool_call')).toHaveLength(replyLimits.toolCalls);
    expect(content.at(-1)).toEqual({
      type: 'text',
      text: '(9900 more tool calls were left out: at most 100 in one answer)',
    });
  });

  it('with 20 MB of text is cut in the middle, and reasoning of that size goes as a whole', () => {
    const text = 'x'.repeat(20_000_000);
    const content = bounded(
      { type: 'reasoning', text, providerData: {} },
      { type: 'reasoning', text: 'deep', providerData: nested(100) },
      { type: 'text', text },
    );
    expect(content).toHaveLength(1);
    expect(content[0]?.type === 'text' && content[0].text.length).toBeLessThan(1_001_000);
  });

  it('has calls with ids of their own, whatever the provider gave and the journal cannot hold', () => {
    const ids = [
      'same',
      'same',
      '',
      '',
      'same_2',
      'a\0',
      'a\ufffd',
      'l'.repeat(5_000),
      `${'l'.repeat(5_000)}2`,
    ];
    const made = bounded(...ids.map((id) => call({}, id))).flatMap((part) =>
      part.type === 'tool_call' ? [part.id] : [],
    );
    expect(new Set(made).size).toBe(ids.length);
    expect(Math.max(...made.map((id) => id.length))).toBeLessThan(210);
    expect(made[0]).toBe('same');
  });

  it('whose calls differ in an unstorable id only gets a result for each', async () => {
    const { options } = await makeWorld();
    const content = [
      call({ path: 'README.md' }, 'a\0', 'read'),
      call({ path: 'src/add.ts' }, 'a\ufffd', 'read'),
    ];
    const gateway = await openAgentGateway(options({ provider: answering({ content, stop: 'tool_call' }) }));
    const answer = await gateway.callModel(ask);
    if (answer.kind !== 'reply') throw new Error(answer.kind);
    const outputs = [];
    for (const part of answer.reply.content)
      if (part.type === 'tool_call') outputs.push((await ran(gateway, part)).output);
    expect(outputs).toEqual(['hello\n', 'export const add = 1;\n']);
  });

  it('with keys that every object has changes no other object', async () => {
    const { options, journal } = await makeWorld();
    const input = JSON.parse(
      '{"path":"a.txt","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
    );
    const gateway = await openAgentGateway(
      options({ provider: answering({ content: [call(input)], stop: 'tool_call' }) }),
    );
    const answer = await gateway.callModel(ask);
    if (answer.kind !== 'reply' || answer.reply.content[0]?.type !== 'tool_call')
      throw new Error(answer.kind);
    const { output } = await ran(gateway, answer.reply.content[0]);
    expect(output).toMatch(/^refused: /);
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
    expect(JSON.stringify(await journal.read(agent))).toContain('__proto__');
  });
});
