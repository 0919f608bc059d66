import { describe, expect, it } from 'vitest';
import { agent, kindsOf, makeWorld, ran, toolCall } from '../../test/doubles/agent-world.ts';
import { makeRole } from '../../test/doubles/make-role.ts';
import type { BlobHash } from '../journal/journal.ts';
import { type AgentGatewayOptions, openAgentGateway } from './agent-gateway.ts';
import type { ToolCallPart } from './model.ts';

let idCount = 0;

function freshId(): string {
  idCount += 1;
  return `call-${idCount}`;
}

describe('a tool call', () => {
  async function open(overrides: Partial<AgentGatewayOptions> = {}) {
    const world = await makeWorld();
    return { ...world, gateway: await openAgentGateway(world.options(overrides)) };
  }

  it('reads, writes, edits, lists and searches the workspace', async () => {
    const { gateway, cell } = await open();
    const tell = async (tool: string, input: ToolCallPart['input']) => {
      const { output, isError } = await ran(gateway, toolCall(tool, input, freshId()));
      return isError ? `error: ${output}` : output;
    };
    expect(await tell('write', { path: './src/sub.ts', content: 'a\nb\nb\n' })).toBe('created src/sub.ts');
    expect(await tell('read', { path: 'src/sub.ts', offset: 2, limit: 1 })).toBe('b\n(lines 2–2 of 3)');
    expect(await tell('edit', { path: 'src/sub.ts', old_text: 'b', new_text: 'c' })).toContain(
      'occurs 2 times',
    );
    expect(await tell('edit', { path: 'src/sub.ts', old_text: 'x', new_text: 'c' })).toContain(
      'was not found',
    );
    expect(await tell('edit', { path: 'src/sub.ts', old_text: 'a  ', new_text: 'c' })).toContain(
      'other spaces',
    );
    expect(await tell('edit', { path: 'src/sub.ts', old_text: 'b', new_text: 'c', replace_all: true })).toBe(
      'edited src/sub.ts in 2 places',
    );
    expect(await tell('read', { path: 'src/sub.ts' })).toBe('a\nc\nc\n');
    expect(await tell('glob', { pattern: 'src/*.ts' })).toBe('src/add.ts\nsrc/sub.ts');
    expect(await tell('grep', { pattern: '^c$', glob: 'src/**' })).toBe('src/sub.ts:2: c\nsrc/sub.ts:3: c');
    expect(await tell('read', { path: 'nowhere' })).toBe('error: nowhere does not exist');
    expect(cell.executed).toEqual([]);
  });

  it('runs programs and command lines, with the exit code first', async () => {
    const { gateway, cell } = await open();
    const result = await ran(
      gateway,
      toolCall('run', { argv: ['ls', 'src'], cwd: './', timeout_seconds: 5000 }),
    );
    expect(result).toMatchObject({ output: 'exit code 0\nadd.ts\n', isError: false });
    expect(cell.executed[0]).toEqual({ argv: ['ls', 'src'], timeoutMs: 600_000 });
    const failed = await ran(gateway, toolCall('shell', { command: 'echo no >&2; exit 3', cwd: 'src' }));
    expect(failed).toMatchObject({ output: 'exit code 3\nstderr:\nno\n', isError: true });
  });

  it('that the role may not make runs nothing, is recorded and told to the model', async () => {
    const role = makeRole({ deniedTools: ['shell'], writePaths: ['docs/**'], readPaths: ['src/**'] });
    const { gateway, cell, journal } = await open({ role });
    for (const [tool, input] of [
      ['shell', { command: 'touch pwned' }],
      ['write', { path: 'src/add.ts', content: 'pwned' }],
      ['write', { path: 'docs/../.git/config', content: 'pwned' }],
      ['read', { path: 'README.md' }],
      ['curl', { url: 'http://x' }],
    ] as const) {
      const result = await ran(gateway, toolCall(tool, input, freshId()));
      expect(result.isError).toBe(true);
      expect(result.output).toMatch(/^refused: /);
    }
    expect(cell.executed).toEqual([]);
    expect(await cell.readFile('src/add.ts')).toMatchObject({ value: 'export const add = 1;\n' });
    expect(await kindsOf(journal)).toEqual(['agent.seated', ...Array(5).fill('tool.call_refused')]);
    // What it may not read it cannot find either.
    expect((await ran(gateway, toolCall('grep', { pattern: 'hello' }))).output).toBe('no line matches');
    expect((await ran(gateway, toolCall('glob', { pattern: '**/*' }))).output).toBe('src/add.ts');
  });

  it('hands in an artifact that passes its check, as a blob; one that does not is told why and not kept', async () => {
    const { gateway, journal } = await open({
      deliverables: ['plan.json'],
      checkDeliverable: (_, content) => (content.startsWith('{') ? [] : ['not JSON', 'too short']),
    });
    const bad = await ran(gateway, toolCall('deliver', { name: 'plan.json', content: 'x' }, 'd1'));
    expect(bad).toMatchObject({
      isError: true,
      output: 'plan.json was not accepted:\n- not JSON\n- too short',
    });
    expect(gateway.tape.delivered).toEqual({});
    const good = await ran(gateway, toolCall('deliver', { name: 'plan.json', content: '{}' }, 'd2'));
    expect(good).toMatchObject({ isError: false, output: 'plan.json delivered' });
    const hash = gateway.tape.delivered['plan.json'];
    expect(Buffer.from((await journal.getBlob(hash as BlobHash)) ?? []).toString()).toBe('{}');
  });

  it('keeps large inputs and outputs in blobs and gives them back whole', async () => {
    const { gateway, journal, options } = await open();
    const content = 'x'.repeat(20_000);
    await ran(gateway, toolCall('write', { path: 'big.txt', content }));
    const read = await ran(gateway, toolCall('read', { path: 'big.txt' }));
    expect(read.output).toBe(content);
    for (const event of await journal.read(agent))
      expect(JSON.stringify(event.data).length).toBeLessThan(2000);
    const reopened = await openAgentGateway(options());
    expect(reopened.tape).toEqual(gateway.tape);
  });

  it('cuts what is too long for a model in the middle, and stores text that no database could keep', async () => {
    const { gateway } = await open();
    await ran(gateway, toolCall('write', { path: 'long.txt', content: `start${'y'.repeat(50_000)}end` }));
    const { output } = await ran(gateway, toolCall('read', { path: 'long.txt' }));
    expect(output.length).toBeLessThan(31_000);
    expect(output).toMatch(/^start.*characters left out.*end$/s);
    const odd = await ran(gateway, toolCall('shell', { command: "printf 'a\\0b'" }));
    expect(odd.output).toBe('exit code 0\na\uFFFDb');
  });

  it('answers calls made at once one after another, and a repeated id from the tape', async () => {
    const { gateway, cell, journal } = await open();
    const calls = [1, 2, 3].map((n) => toolCall('shell', { command: `echo ${n} >> log.txt` }, `p${n}`));
    await Promise.all(calls.map((call) => gateway.callTool(call)));
    await ran(gateway, toolCall('shell', { command: 'echo again >> log.txt' }, 'p3'));
    expect(await cell.readFile('log.txt')).toEqual({ ok: true, value: '1\n2\n3\n' });
    const kinds = (await kindsOf(journal)).slice(1);
    expect(kinds).toEqual(Array(3).fill(['tool.call_intended', 'tool.call_finished']).flat());
  });
});
