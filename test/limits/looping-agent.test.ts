/** An agent that does the same again and again: it is told once, its run ends, and after three such runs its step's breaker is open. */
import { afterEach, describe, expect, test } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import type { TapeEvent } from '../../src/gateway/tape-event.ts';
import { askOfItem } from '../../src/requests/ask-of-item.ts';
import { call, say, smallFiles, smallTeam } from '../engine/small-team.ts';
import { createTestProject, type TestProject } from '../harness/project.ts';

const open: TestProject[] = [];
afterEach(async () => {
  for (const project of open.splice(0)) await project.remove();
});

const solo = {
  ...smallFiles,
  '.mesh/mesh.yaml': (smallFiles['.mesh/mesh.yaml'] ?? '').replace('flow: feature', 'flow: solo'),
};

async function eventsOf(project: TestProject): Promise<TapeEvent[]> {
  const all = await project.journal.readAll({ after: 0, limit: 10_000 });
  return all.filter(({ stream }) => stream.startsWith('agent:')) as unknown as TapeEvent[];
}

describe('a looping agent', () => {
  test('is told once, ends with the cost of its loop, and comes to its breaker, which a person closes for one trial', async () => {
    let calls = 0;
    const prompts: string[] = [];
    const project = await createTestProject({
      files: solo,
      model: smallTeam({
        developer: (request, turn) => {
          calls += 1;
          if (turn === 0) prompts.push(JSON.stringify(request.messages[0]));
          return call('read', { path: 'a.txt' });
        },
      }),
    });
    open.push(project);
    const number = await project.add('Read a file');
    await project.run();

    // Three runs of three calls, a warning, and one call more.
    expect(calls).toBe(12);
    const { status, pause, costMicroUsd } = await project.item(number);
    expect(status).toBe('paused');
    expect(pause).toMatchObject({ reason: 'breaker', steps: ['build/developer'], ask: 'engineering_lead' });
    expect(pause?.message).toMatch(
      /^the breaker of build\/developer is open: it failed 3 times in a row \(\$0\.\d+\), last: went in circles and did not stop when told: read \{"path":"a\.txt"\}, 4 times in a row; the loop cost \$0\.\d+$/,
    );
    const events = await eventsOf(project);
    expect(events.filter(({ kind }) => kind === 'agent.told')).toHaveLength(3);
    const endings = events.flatMap((event) => (event.kind === 'agent.finished' ? [event.data] : []));
    expect(endings.map(({ outcome }) => outcome)).toEqual(['repetition', 'repetition', 'repetition']);
    // All of a run was its loop: what the loops cost is what the item cost.
    const loops = endings.map(({ summary }) => Number(/the loop cost \$(\d+\.\d+)/.exec(summary)?.[1]));
    expect(loops.reduce((sum, usd) => sum + usd, 0)).toBeCloseTo(costMicroUsd / 1_000_000, 2);
    expect(prompts[1]).toContain('went in circles and did not stop when told');

    const request = { kind: 'resume', by: 'test', ceilingMicroUsd: null } as const;
    await askOfItem({ journal: project.journal, newId, project: 'test', number, request });
    await project.run();
    expect(calls).toBe(16);
    expect((await project.item(number)).pause?.message).toContain('it failed its trial');
  });

  test('that heeds the warning goes on', async () => {
    const project = await createTestProject({
      files: solo,
      model: smallTeam({
        developer: (request) => {
          const said = JSON.stringify(request.messages.at(-1));
          if (said.includes('You are going in circles')) {
            return call('write', { path: 'T1.txt', content: 'something else\n' });
          }
          return said.includes('T1.txt') ? say('done') : call('read', { path: 'a.txt' });
        },
      }),
    });
    open.push(project);
    const number = await project.add('Read a file');
    await project.run();
    expect((await project.item(number)).status).toBe('ready');
  });
});
