import { afterEach, describe, expect, test } from 'vitest';
import type { Brain } from '../../src/gateway/scripted/scripted-provider.ts';
import type { ItemEvent } from '../../src/items/item-event.ts';
import { itemStream } from '../../src/items/item-stream.ts';
import { createTestProject, type TestProject, writeIn } from '../harness/project.ts';
import { call, lastResults, say, smallFiles, smallTeam, write } from './small-team.ts';

const open: TestProject[] = [];
afterEach(async () => {
  for (const project of open.splice(0)) await project.remove();
});

async function start(model: Brain, files: Record<string, string> = {}): Promise<TestProject> {
  const project = await createTestProject({ files: { ...smallFiles, ...files }, model });
  open.push(project);
  return project;
}

async function eventsOf(project: TestProject, number: number): Promise<ItemEvent[]> {
  return (await project.journal.read(itemStream('test', number))) as unknown as ItemEvent[];
}

describe('the life of an item', () => {
  test('a brief is planned, built side by side, verified, waits, and lands when a person accepts it', async () => {
    const project = await start(smallTeam());
    const head = await project.git('rev-parse', 'main');
    const number = await project.add('Make three files');
    await project.run();

    const ready = await project.item(number);
    expect(ready.status).toBe('ready');
    expect(await project.git('rev-parse', 'main')).toBe(head);

    await project.accept(number);
    const landed = await project.item(number);
    expect(landed.status).toBe('landed');
    expect(await project.git('rev-parse', 'main')).toBe(landed.landedCommit);
    expect(await project.git('log', '-1', '--format=%s')).toBe('Make three files');
    expect(await project.git('show', 'main:T3.txt')).toBe('written by build/T3/developer');
    expect(await project.git('status', '--porcelain')).toBe('');
  });

  test('two developers sit at once and the dependent task starts by itself after both', async () => {
    const finished: string[] = [];
    let meet = () => {};
    const bothSit = new Promise<void>((resolve) => {
      meet = resolve;
    });
    const seated = new Set<string>();
    const team = smallTeam();
    const project = await start(async (request) => {
      const task = request.seat.task;
      if (request.seat.role !== 'developer' || task === null) return team(request);
      seated.add(task);
      if (seated.has('T1') && seated.has('T2')) meet();
      // Each of the two waits for the other: were they seated one after another, nobody would ever go on.
      if (task !== 'T3') await bothSit;
      const move = await team(request);
      if (!('failure' in move) && !move.calls) finished.push(task);
      return move;
    });
    const number = await project.add('Side by side');
    await project.run();
    expect((await project.item(number)).status).toBe('ready');
    expect(finished).toHaveLength(3);
    expect(finished.at(-1)).toBe('T3');
  });

  test('a claim of "done" with red checks comes back with the output, and the repaired work goes on', async () => {
    const seen: string[] = [];
    const project = await start(
      smallTeam({
        developer: (request, turn) => {
          if (turn > 0) return say('all done, everything is green');
          const first = request.messages[0]?.content[0];
          if (request.seat.round > 1) {
            if (first?.type === 'text') seen.push(first.text);
            return write('T1.txt', 'repaired\n');
          }
          return write(`${request.seat.task}.txt`, request.seat.task === 'T1' ? 'BROKEN\n' : 'fine\n');
        },
      }),
    );
    const number = await project.add('Lie once');
    await project.run();
    const events = await eventsOf(project, number);
    expect(events.filter((event) => event.kind === 'item.sent_back')).toHaveLength(1);
    expect(seen.join()).toContain('a file is broken');
    expect((await project.item(number)).status).toBe('ready');
  });

  test('work that never gets green is bounded, waits for a person, and never reaches the target', async () => {
    const project = await start(
      smallTeam({ developer: (_, turn) => (turn > 0 ? say('done') : write('T1.txt', 'BROKEN\n')) }),
    );
    const head = await project.git('rev-parse', 'main');
    const number = await project.add('Never green');
    await project.run();
    const state = await project.item(number);
    expect(state.status).toBe('paused');
    expect(state.pause).toMatchObject({ reason: 'attempts', ask: 'engineering_lead' });
    const sentBack = (await eventsOf(project, number)).filter((event) => event.kind === 'item.sent_back');
    expect(sentBack.length).toBeLessThanOrEqual(2);
    expect(await project.git('rev-parse', 'main')).toBe(head);
  });

  test('what would land is checked: a target that changed under the item makes it red and it does not land', async () => {
    const project = await start(smallTeam(), { 'check.sh': 'test ! -e T1.txt || test ! -e foe.txt\n' });
    const number = await project.add('Alone green');
    await project.run();
    expect((await project.item(number)).status).toBe('ready');
    writeIn(project, 'foe.txt', 'does not like T1\n');
    await project.git('add', '-A');
    await project.git('-c', 'user.name=t', '-c', 'user.email=t@example.invalid', 'commit', '-qm', 'Foe');
    const head = await project.git('rev-parse', 'main');
    await project.accept(number);
    const refusals = (await eventsOf(project, number)).filter(
      (event) => event.kind === 'item.landing_refused',
    );
    expect(refusals[0]).toMatchObject({ data: { reason: 'red' } });
    expect(await project.git('rev-parse', 'main')).toBe(head);
    expect((await project.item(number)).status).not.toBe('landed');
  });

  test('a conflict with the target comes back with the markers in the file, is put right, and then lands', async () => {
    const project = await start(
      smallTeam({
        developer: (request, turn) => {
          if (turn === 0) return call('read', { path: 'a.txt' });
          if (turn > 1) return say('done');
          const found = lastResults(request)[0]?.output ?? '';
          const kept = found.split('\n').filter((line) => !/^[<=>]{7}/.test(line) && line.trim() !== '');
          if (request.seat.round > 1) return write('a.txt', `${kept.join('\n')}\n`);
          return write(request.seat.task === 'T1' ? 'a.txt' : `${request.seat.task}.txt`, 'ours\n');
        },
      }),
    );
    const number = await project.add('Conflict');
    await project.run();
    writeIn(project, 'a.txt', 'theirs\n');
    await project.git('-c', 'user.name=t', '-c', 'user.email=t@example.invalid', 'commit', '-qam', 'Theirs');
    await project.accept(number);
    const refusal = (await eventsOf(project, number)).find((event) => event.kind === 'item.landing_refused');
    expect(refusal).toMatchObject({ data: { reason: 'conflict', findings: [{ file: 'a.txt' }] } });
    expect((await project.item(number)).status).toBe('ready');
    await project.accept(number);
    expect((await project.item(number)).status).toBe('landed');
    expect((await project.git('show', 'main:a.txt')).split('\n').sort()).toEqual(['ours', 'theirs']);
  });

  test('uncommitted work in the checked-out target is never touched: the item waits and can be accepted again', async () => {
    const project = await start(smallTeam());
    const number = await project.add('Busy target');
    await project.run();
    writeIn(project, 'a.txt', 'half a thought\n');
    await project.accept(number);
    expect((await project.item(number)).status).toBe('ready');
    await project.git('checkout', '--', 'a.txt');
    await project.accept(number);
    expect((await project.item(number)).status).toBe('landed');
  });

  test('developers who change the same lines: the second one starts again from what is there, nothing is overwritten', async () => {
    const project = await start(
      smallTeam({
        developer: (request, turn) => {
          if (turn === 0) return call('read', { path: 'a.txt' });
          if (turn === 1) {
            const found = lastResults(request)[0]?.output ?? '';
            return write('a.txt', `${found.trimEnd()} ${request.seat.task}\n`);
          }
          return say('done');
        },
      }),
    );
    const number = await project.add('Same lines');
    await project.run();
    const state = await project.item(number);
    expect(state.status).toBe('ready');
    const words = (await project.context.mirror.show(state.head ?? '', 'a.txt'))?.trim().split(' ').sort();
    expect(words).toEqual(['T1', 'T2', 'T3', 'a']);
    const failures = (await eventsOf(project, number)).filter((event) => event.kind === 'step.failed');
    expect(
      failures.every((event) => event.kind === 'step.failed' && event.data.reason === 'merge_conflict'),
    ).toBe(true);
    expect(failures.length).toBeGreaterThan(0);
  });

  test('a plan with a cycle goes back to the planner in one line and then waits for a person', async () => {
    const cyclic = {
      summary: 'round and round',
      tasks: [
        { id: 'T1', title: 'one', instructions: 'x', after: ['T2'] },
        { id: 'T2', title: 'two', instructions: 'y', after: ['T1'] },
      ],
    };
    let told = '';
    const project = await start(
      smallTeam({
        planner: (request, turn) => {
          if (turn === 0) return call('deliver', { name: 'plan.json', content: JSON.stringify(cyclic) });
          told = lastResults(request)[0]?.output ?? told;
          return say('I cannot do better');
        },
      }),
    );
    const number = await project.add('Cyclic');
    await project.run();
    expect(told).toContain('T1 → T2 → T1');
    expect((await project.item(number)).status).toBe('paused');
  });

  test('a plan written by a person skips the planner', async () => {
    const project = await start(smallTeam({ planner: () => say('nobody should ask me') }));
    const number = await project.add('Own plan', {
      summary: 'one task',
      tasks: [{ id: 'T1', title: 'one', instructions: 'x', after: [] }],
    });
    await project.run();
    expect((await project.item(number)).status).toBe('ready');
    const started = (await eventsOf(project, number)).filter((event) => event.kind === 'step.started');
    expect(started.map((event) => event.kind === 'step.started' && event.data.role)).not.toContain('planner');
  });
});
