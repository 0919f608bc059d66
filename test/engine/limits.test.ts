import { afterEach, describe, expect, test } from 'vitest';
import type { Brain } from '../../src/gateway/scripted/scripted-provider.ts';
import type { ItemEvent } from '../../src/items/item-event.ts';
import { itemStream } from '../../src/items/item-stream.ts';
import { createTestProject, type TestProject } from '../harness/project.ts';
import { call, say, smallFiles, smallTeam, write } from './small-team.ts';

const open: TestProject[] = [];
afterEach(async () => {
  for (const project of open.splice(0)) await project.remove();
});

async function start(model: Brain, files: Record<string, string> = {}): Promise<TestProject> {
  const project = await createTestProject({ files: { ...smallFiles, ...files }, model });
  open.push(project);
  return project;
}

async function failuresOf(project: TestProject, number: number): Promise<string[]> {
  const events = (await project.journal.read(itemStream('test', number))) as unknown as ItemEvent[];
  return events.flatMap((event) => (event.kind === 'step.failed' ? [event.data.reason] : []));
}

const onlyT1 = {
  summary: 'one task',
  tasks: [{ id: 'T1', title: 'one', instructions: 'x', after: [] }],
};

describe('limits', () => {
  test('what the shell wrote outside of the role’s scope never becomes a commit', async () => {
    const project = await start(
      smallTeam({
        tester: (_, turn) =>
          turn === 0 ? call('shell', { command: 'echo evil > a.txt' }) : say('only tests, I swear'),
      }),
    );
    const number = await project.add('Out of scope', onlyT1);
    await project.run();
    const state = await project.item(number);
    expect(await failuresOf(project, number)).toContain('out_of_scope');
    expect(state.status).toBe('paused');
    expect(await project.context.mirror.show(state.head ?? '', 'a.txt')).toBe('a\n');
  });

  test('an agent that never ends its turn is stopped by the turn limit and the item waits for a person', async () => {
    const project = await createTestProject({
      files: smallFiles,
      model: smallTeam({ developer: (_, turn) => call('read', { path: `${turn}.txt` }) }),
      change: (context) => ({
        ...context,
        policy: { ...context.policy, limits: { ...context.policy.limits, turns: 4 } },
      }),
    });
    open.push(project);
    const number = await project.add('Round and round', onlyT1);
    await project.run();
    expect(new Set(await failuresOf(project, number))).toEqual(new Set(['turn_limit']));
    expect((await project.item(number)).pause?.reason).toBe('breaker');
  });

  test('a worker that is stopped in the middle loses nothing: the next one goes on and nothing is committed twice', async () => {
    const stop = new AbortController();
    let isFirst = true;
    const writes: unknown[] = [];
    const project = await start(
      smallTeam({
        developer: (request, turn) => {
          if (turn === 0) writes.push(request.seat.task);
          if (turn === 0) return write(`${request.seat.task}.txt`, 'x\n');
          if (request.seat.task === 'T3' && isFirst) {
            isFirst = false;
            stop.abort();
          }
          return say('done');
        },
      }),
    );
    const number = await project.add('Stopped in the middle');
    await project.run(stop.signal);
    expect((await project.item(number)).status).toBe('running');
    await project.run();
    const state = await project.item(number);
    expect(state.status).toBe('ready');
    // The agent went on in its own files: no attempt was lost, and no call that had been answered was made again.
    expect(await failuresOf(project, number)).toEqual([]);
    expect(writes.sort()).toEqual(['T1', 'T2', 'T3']);
    const log = await project.context.mirror.changedFiles(state.base ?? '', state.head ?? '');
    expect(log.sort()).toEqual(['T1.txt', 'T2.txt', 'T3.txt']);
  });

  test('an agent that owes an artifact is reminded, then the step fails in plain words', async () => {
    const project = await start(smallTeam({ reviewer: () => say('looks fine to me') }));
    const number = await project.add('No verdict', onlyT1);
    await project.run();
    const state = await project.item(number);
    expect(new Set(await failuresOf(project, number))).toEqual(new Set(['artifact_missing']));
    expect(state.status).toBe('paused');
    expect(state.pause?.message).toContain('verdict.json');
  });
});
