import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { QuestionDoor } from '../../src/gateway/question-door.ts';
import { askingTools, toolNames } from '../../src/permissions/tool-name.ts';
import { askSchema, declineSchema } from '../../src/questions/ask-fields.ts';
import { agent, kindsOf } from '../doubles/agent-world.ts';
import { makeRole } from '../doubles/make-role.ts';
import { type FaceWorldOptions, makeFaceWorld } from './face-world.ts';

async function connect(options: FaceWorldOptions = {}) {
  const world = await makeFaceWorld(options);
  const client = new Client({ name: 'test', version: '1' });
  const requestInit = { headers: { authorization: `Bearer ${world.key}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(`${world.baseUrl}/mcp`), { requestInit }));
  onTestFinished(() => client.close());
  const call = async (name: string, input: Record<string, unknown> = {}) => {
    const { content, isError = false } = await client.callTool({ name, arguments: input });
    const [part] = content;
    return { output: part?.type === 'text' ? part.text : '', isError };
  };
  return { ...world, client, call };
}

describe('an MCP client', () => {
  it('sees the tools that its seat is offered and that its role permits, by plain names', async () => {
    const { client } = await connect({
      gateway: { role: makeRole({ tools: ['read', 'grep'] }), deliverables: ['plan.json'] },
      seat: { offeredTools: ['deliver', 'read', 'shell'] },
    });
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(['brief', 'findings', 'budget_left', 'read', 'deliver']);
    expect(tools.every(({ name }) => /^[a-z_]+$/.test(name))).toBe(true);
    expect(tools.at(-1)?.inputSchema).toMatchObject({ properties: { name: { enum: ['plan.json'] } } });
  });

  it('is told its brief and what was found wrong', async () => {
    const findings = [{ source: 'check:test', message: 'one test fails', file: 'a.ts', line: 3 }];
    const { call } = await connect({ seat: { findings: findings as never } });
    expect((await call('brief')).output).toContain('Add two numbers.');
    expect((await call('brief')).output).toContain('- 2 + 2 = 4');
    expect((await call('findings')).output).toContain('a.ts:3 one test fails');
  });

  it('is told how much may still be spent', async () => {
    const { call, gateway } = await connect();
    const before = (await call('budget_left')).output;
    expect(before).toContain('$5.00');
    const messages = [
      { role: 'user' as const, content: [{ type: 'text' as const, text: 'x'.repeat(90_000) }] },
    ];
    const { signal } = new AbortController();
    const asked = { system: '', messages, tools: [], maxOutputTokens: 1000, effort: null, signal };
    await gateway.callModelFor(asked);
    expect((await call('budget_left')).output).not.toBe(before);
  });

  it('works with our tools in the cell, each call with its intent and result on the tape', async () => {
    const { call, cell, journal, gateway } = await connect({ seat: { offeredTools: [...toolNames] } });
    expect(await call('write', { path: 'b.txt', content: 'hello' })).toEqual({
      output: 'created b.txt',
      isError: false,
    });
    expect(await cell.readFile('b.txt')).toEqual({ ok: true, value: 'hello' });
    expect((await call('shell', { command: 'exit 3' })).isError).toBe(true);
    expect((await kindsOf(journal)).slice(1)).toEqual([
      ...['tool.call_intended', 'tool.call_finished'],
      ...['tool.call_intended', 'tool.call_finished'],
    ]);
    const ids = (await journal.read(agent)).slice(1).map(({ data }) => (data as { id: string }).id);
    expect(new Set(ids).size).toBe(2);
    expect(gateway.tape.inDoubt).toBeNull();
  });

  it('hands in an artifact, and is told what is wrong with it', async () => {
    const { call, gateway } = await connect({
      gateway: {
        deliverables: ['plan.json'],
        checkDeliverable: (_, content) => (content === 'good' ? [] : ['it is not good']),
      },
    });
    expect(await call('deliver', { name: 'plan.json', content: 'bad' })).toMatchObject({ isError: true });
    expect(gateway.tape.delivered).toEqual({});
    expect((await call('deliver', { name: 'plan.json', content: 'good' })).isError).toBe(false);
    expect(Object.keys(gateway.tape.delivered)).toEqual(['plan.json']);
  });

  it('asks people by the same tools as every agent: told at once that it did, or everything that is missing', async () => {
    const opened: string[] = [];
    const people: QuestionDoor = {
      read: async (_, input) =>
        input.kind === 'known'
          ? { ok: true, key: { kind: 'known', topic: 'a.b', scope: 'mesh' }, text: {} as never }
          : { ok: false, missing: ['topic is missing', 'why_you is missing'] },
      recall: async () => null,
      open: async (call) => {
        opened.push(call);
        return { isOpen: true, ask: 'Q-7', mode: 'wait', of: '@sarah-pm' };
      },
      stateOf: async () => ({ isOpen: true, ask: 'Q-7', mode: 'wait', of: '@sarah-pm' }),
    };
    const seat = { offeredTools: ['deliver', ...askingTools] } as const;
    const { call, client, gateway } = await connect({ gateway: { people }, seat });
    const { tools } = await client.listTools();
    const described = tools.filter(({ name }) => name === 'ask' || name === 'decline');
    expect(described.map(({ inputSchema }) => inputSchema)).toEqual([askSchema, declineSchema]);

    expect(await call('ask', {})).toEqual({
      output: 'nobody was asked; put this right first:\n- topic is missing\n- why_you is missing',
      isError: true,
    });
    const asked = await call('ask', { kind: 'known' });
    expect(asked).toEqual({
      output: expect.stringMatching(/^asked Q-7 of @sarah-pm; it is answered later; .*end your turn/),
      isError: false,
    });
    expect(await call('ask', { kind: 'known' })).toEqual(asked);
    expect(new Set(opened).size).toBe(1);
    expect((await call('decline', { kind: 'known' })).output).toContain('Q-7 is not answered yet');
    expect(gateway.tape.asks).toMatchObject([{ call: opened[0], ask: 'Q-7', answer: null }]);
  });

  it('is refused what its role may not do; nothing runs and the refusal is on the tape', async () => {
    const role = makeRole({ tools: ['read', 'write'], writePaths: ['src/**'] });
    const { call, cell, journal } = await connect({
      gateway: { role },
      seat: { offeredTools: [...toolNames] },
    });
    for (const [tool, input] of [
      ['shell', { command: 'touch x' }],
      ['write', { path: 'README.md', content: 'x' }],
      ['constructor', {}],
    ] as const) {
      expect(await call(tool, input), tool).toMatchObject({ isError: true });
    }
    expect(cell.executed).toEqual([]);
    expect((await kindsOf(journal)).slice(1)).toEqual(Array(3).fill('tool.call_refused'));
  });

  it('is not let in without a key, nor with one that was taken back', async () => {
    const world = await connect();
    world.revoke();
    await expect(world.client.listTools()).rejects.toThrow();
    const stranger = new Client({ name: 'test', version: '1' });
    const transport = new StreamableHTTPClientTransport(new URL(`${world.baseUrl}/mcp`));
    await expect(stranger.connect(transport)).rejects.toThrow();
  });

  it('can use the tools and the model at once', async () => {
    const { call, baseUrl, key, gateway, billedMicroUsd } = await connect({
      seat: { offeredTools: [...toolNames] },
    });
    const ask = { model: 'm', max_tokens: 50, messages: [{ role: 'user', content: 'hi' }] };
    const post = () =>
      fetch(`${baseUrl}/v1/messages`, {
        method: 'POST',
        headers: { 'x-api-key': key },
        body: JSON.stringify(ask),
      });
    const answers = await Promise.all([post(), call('read', { path: 'README.md' }), post(), call('brief')]);
    expect(answers.map((each) => ('status' in each ? each.status : each.isError))).toEqual([
      200,
      false,
      200,
      false,
    ]);
    expect(gateway.tape.costMicroUsd).toBe(billedMicroUsd());
    expect(gateway.tape.inDoubt).toBeNull();
  });
});
