import { afterEach, describe, expect, test } from 'vitest';
import type { ModelRequest } from '../../src/gateway/model.ts';
import type { ItemEvent } from '../../src/items/item-event.ts';
import { itemStream } from '../../src/items/item-stream.ts';
import type { StreamId } from '../../src/journal/event.ts';
import { describeEvent } from '../../src/views/describe-event.ts';
import { createTestProject, type TestProject } from '../harness/project.ts';
import {
  call,
  deliver,
  lastResults,
  type SmallTeam,
  say,
  smallFiles,
  smallTeam,
  write,
} from './small-team.ts';

const open: TestProject[] = [];
afterEach(async () => {
  for (const project of open.splice(0)) await project.remove();
});

const plan = {
  summary: 'one task',
  tasks: [{ id: 'T1', title: 'one', instructions: 'Change a.', after: [] }],
};

function roleFile(name: string, front: string): Record<string, string> {
  return { [`.mesh/roles/${name}.md`]: `---\nname: ${name}\ndescription: x\n${front}\n---\nYou work.\n` };
}

/** Runs one item to its end and collects what the tools told whom. */
async function run(team: SmallTeam, files: Record<string, string>, given: typeof plan | null = plan) {
  const told: string[] = [];
  const listen = (request: ModelRequest) => told.push(...lastResults(request).map(({ output }) => output));
  const model = smallTeam(team);
  const project = await createTestProject({
    files: { ...smallFiles, ...files },
    model: (request) => {
      listen(request);
      return model(request);
    },
  });
  open.push(project);
  const number = await (given ? project.add('Something', given) : project.add('Something'));
  await project.run();
  const state = await project.item(number);
  const show = (file: string) => project.context.mirror.show(state.head ?? '', file);
  return { project, number, state, told, show };
}

describe('capabilities of a seated role', () => {
  test('an artifact with code in it is not accepted from a role that must not write any', async () => {
    const withCode = { ...plan, tasks: [{ ...plan.tasks[0], instructions: 'Do:\n```js\nlet a = 1;\n```' }] };
    const { told, state } = await run(
      { planner: (_, turn) => deliver(turn > 1 ? 1 : 0, 'plan.json', turn === 0 ? withCode : plan) },
      roleFile('planner', 'tools: Read\nmesh:\n  writes: [plan.json]\n  never: [code_in_output]'),
      null,
    );
    expect(told[0]).toContain('plan.json was not accepted:\n- plan.json:1: code');
    expect(told[1]).toBe('plan.json delivered');
    expect(state.status).toBe('ready');
  });

  test('a role that may write only what the item has changed edits that, and makes no new file', async () => {
    const steps = [write('new.txt', 'x'), write('a.txt', 'x'), write('T1.txt', 'tidied\n')];
    const { told, state, show } = await run(
      { tester: (_, turn) => steps[turn] ?? say('tidied') },
      roleFile('tester', 'tools: Read, Write, Edit\nmesh:\n  paths: { write: changed }'),
    );
    expect(
      told.filter((text) => text.includes('not among the 1 files that this item has changed')),
    ).toHaveLength(2);
    expect(state.status).toBe('ready');
    expect(await show('T1.txt')).toBe('tidied\n');
    expect(await show('new.txt')).toBeNull();
  });

  test('nor does its shell: a new file never becomes a commit', async () => {
    const { show, project, number } = await run(
      {
        tester: (_, turn) =>
          turn === 0 ? call('shell', { command: 'echo x > new.txt; echo y > T1.txt' }) : say('ok'),
      },
      roleFile('tester', 'tools: Bash\nmesh:\n  paths: { write: changed }'),
    );
    expect(await show('new.txt')).toBeNull();
    const events = (await project.journal.read(itemStream('test', number))) as unknown as ItemEvent[];
    const reasons = events.flatMap((event) => (event.kind === 'step.failed' ? [event.data.reason] : []));
    expect([...new Set(reasons)]).toEqual(['out_of_scope']);
  });

  test('what the policy denies is denied to every role, and the log says which rule decided', async () => {
    const steps = [call('shell', { command: 'ls' }), call('shell', { command: 'echo $(rm a.txt)' })];
    const { told, project, number } = await run(
      { developer: (_, turn) => steps[turn] ?? say('done') },
      { '.mesh/mesh.yaml': `${smallFiles['.mesh/mesh.yaml']}permissions: { deny: ["Bash(rm:*)"] }\n` },
    );
    expect(told.filter((text) => text.startsWith('refused: '))).toEqual(['refused: Bash(rm:*) is denied']);
    const events = (await project.journal.read(itemStream('test', number))) as unknown as ItemEvent[];
    const [agent = ''] = events.flatMap((event) =>
      event.kind === 'step.started' && event.data.step === 'build/T1/developer' ? [event.data.agent] : [],
    );
    const lines = (await project.journal.read(agent as StreamId)).map(
      (event) => describeEvent(event, true)?.text,
    );
    expect(lines).toContainEqual(expect.stringMatching(/shell .*ls.* \[tools\]$/));
    expect(lines).toContainEqual(expect.stringMatching(/refused: .* \[deny Bash\(rm:\*\) of the policy\]$/));
  });
});
