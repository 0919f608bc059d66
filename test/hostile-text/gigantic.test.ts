/** Gigantic answers, inputs, outputs and deliverables: the item ends as any other, and what is stored stays small. */
import { afterEach, expect, test } from 'vitest';
import type { AssistantPart, ModelProvider, ModelRequest } from '../../src/gateway/model.ts';
import type { Brain } from '../../src/gateway/scripted/scripted-provider.ts';
import { call, lastResults, say, smallFiles, smallTeam, twoTasks, write } from '../engine/small-team.ts';
import { createTestProject, type TestProject } from '../harness/project.ts';

/** A provider that gives more than was asked for and bills next to nothing; the scripted one keeps to the limit. */
function lying(brain: Brain): ModelProvider {
  const usage = { inputTokens: 10, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 10 };
  return {
    name: 'scripted',
    isRealModel: false,
    generate: async (request) => {
      const move = await brain(request);
      if ('failure' in move) return { ok: false, failure: move.failure };
      const calls = (move.calls ?? []).map(
        ({ tool, input }, index): AssistantPart => ({ type: 'tool_call', id: `c${index}`, tool, input }),
      );
      const content: AssistantPart[] = [
        ...(move.text ? [{ type: 'text', text: move.text } as const] : []),
        ...calls,
      ];
      return { ok: true, reply: { content, stop: calls.length > 0 ? 'tool_call' : 'end', usage } };
    },
  };
}

let project: TestProject | undefined;
afterEach(() => project?.remove());

/** Without the ceilings that would end such an item at its second call. */
const mesh = `${smallFiles['.mesh/mesh.yaml']}ceilings: { item_usd: 100000, agent_usd: 100000 }\n`;
const feature = { ...smallFiles, '.mesh/mesh.yaml': mesh };
const solo = { ...smallFiles, '.mesh/mesh.yaml': mesh.replace('flow: feature', 'flow: solo') };
/** Of one event in the journal; larger values are blobs. */
const mostEventBytes = 64 * 1_024;

async function largestEvent(): Promise<number> {
  if (!project) throw new Error('no project');
  let most = 0;
  for (const { stream } of await project.journal.streams('test')) {
    for (const event of await project.journal.read(stream))
      most = Math.max(most, Buffer.byteLength(JSON.stringify(event)));
  }
  return most;
}

test('an agent that says, asks and prints millions of characters', async () => {
  const told: string[] = [];
  const turns = [
    () => ({ text: 'x'.repeat(20_000_000), calls: [{ tool: 'glob', input: { pattern: '**' } }] }),
    () => call('write', { path: 'big.txt', content: 'x'.repeat(5_000_000) }),
    () => ({ calls: Array.from({ length: 10_000 }, () => ({ tool: 'read', input: { path: 'a.txt' } })) }),
    () => call('shell', { command: 'head -c 50000000 /dev/zero | tr "\\\\0" x' }),
    () => call('shell', { command: 'yes "Error: nothing" | head -c 50000000 >&2; exit 3' }),
    () => write('T1.txt', 'done\n'),
    () => say('y'.repeat(3_000_000)),
  ];
  project = await createTestProject({
    files: solo,
    model: lying(
      smallTeam({
        developer: (request: ModelRequest, turn: number) => {
          told.push(...lastResults(request).map(({ output }) => output));
          return (turns[turn] ?? (() => say('done')))();
        },
      }),
    ),
  });
  const number = await project.add('# Say much');
  await project.run();
  const item = await project.item(number);
  expect(item.status, JSON.stringify(item.pause)?.slice(0, 300)).toBe('ready');
  expect(told.filter((output) => output.includes('longer than 1,000,000 characters'))).toHaveLength(1);
  expect(told.filter((output) => output === 'a\n')).toHaveLength(100);
  expect(told.some((output) => output.includes('the limit; its middle is missing'))).toBe(true);
  expect(Math.max(...told.map((output) => output.length))).toBeLessThan(80_000);
  expect(await largestEvent()).toBeLessThan(mostEventBytes);
}, 120_000);

test('a check that prints 50 MB, a plan of 10,000 tasks and a verdict of thousands of problems', async () => {
  const problems: string[] = [];
  const remember = (request: ModelRequest) =>
    problems.push(...lastResults(request).map(({ output }) => output));
  const manyTasks = {
    summary: 's',
    tasks: Array.from({ length: 10_000 }, (_, n) => ({ id: `../${n}`, x: 1 })),
  };
  const plans = [JSON.stringify(manyTasks), '['.repeat(100_000), JSON.stringify(twoTasks)];
  const verdicts = [
    JSON.stringify({
      verdict: 'fail',
      ...Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`k${n}`, n])),
    }),
    JSON.stringify({ verdict: 'pass', summary: 'fine', findings: [] }),
  ];
  const handIn = (name: string, contents: string[]) => (request: ModelRequest, turn: number) => {
    remember(request);
    const content = contents[turn];
    return content === undefined ? say('handed in') : call('deliver', { name, content });
  };
  project = await createTestProject({
    files: { ...feature, 'check.sh': 'yes checked | head -c 50000000\n' },
    model: lying(
      smallTeam({ planner: handIn('plan.json', plans), reviewer: handIn('verdict.json', verdicts) }),
    ),
  });
  const number = await project.add('# Plan much');
  await project.run();
  const item = await project.item(number);
  expect(item.status, JSON.stringify(item.pause)?.slice(0, 300)).toBe('ready');
  expect(problems.map((text) => text.split('\n')[0])).toEqual([
    'plan.json was not accepted:',
    'plan.json was not accepted:',
    'plan.json delivered',
    'verdict.json was not accepted:',
    'verdict.json delivered',
  ]);
  expect(Math.max(...problems.map((text) => text.length))).toBeLessThan(3_000);
  expect(await largestEvent()).toBeLessThan(mostEventBytes);
}, 120_000);
