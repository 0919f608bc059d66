/** What a kill means for the work under it, through the requests and the worker. */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import { askOfItem } from '../../src/requests/ask-of-item.ts';
import { readScope } from '../../src/requests/read-scope.ts';
import { setControl } from '../../src/requests/set-control.ts';
import { say, write } from '../engine/small-team.ts';
import { heldModel, project, start, writes } from './controlled-project.ts';

describe('what is killed', () => {
  it('has its call charged in full, keeps its files, and goes on where it was when it is resumed', async () => {
    const model = heldModel(writes);
    model.holdAt = 3;
    const world = await start(model.brain);
    const number = await world.add('Do it');
    world.work();
    await world.until('the third call', () => model.asked.length === 3);
    await world.lay('1', 'killed');
    expect(await world.context.driver.listLeftovers()).toEqual([]);
    const [failed] = await world.events('model.call_failed');
    expect(failed?.data).toMatchObject({ reason: 'killed' });
    expect(Number(failed?.data.costMicroUsd)).toBeGreaterThan(0);
    expect(await world.journal.reservations(project, { state: 'held' })).toEqual([]);

    model.holdAt = Number.POSITIVE_INFINITY;
    await delay(700);
    expect(model.asked).toHaveLength(3);
    await world.clear('1');
    await world.until('the end', async () => (await world.item(number)).status === 'ready');
    expect(await world.context.mirror.show(String((await world.item(number)).head), '1.txt')).toBe(
      'file 1\n',
    );
    expect(await world.events('step.failed')).toEqual([]);
  });

  it('being one agent, has ended with its attempt: its item waits, and another one takes up its files', async () => {
    const model = heldModel((request, turn) =>
      turn === 0 ? write(`${request.seat.role}.txt`, 'kept\n') : say('done'),
    );
    model.holdAt = 2;
    const world = await start(model.brain);
    const number = await world.add('Do it');
    world.work();
    await world.until('the second call', () => model.asked.length === 2);
    await world.lay('agent:1/build/developer', 'killed');
    await world.until('the pause', async () => (await world.item(number)).status === 'paused');
    expect((await world.item(number)).pause?.message).toBe('agent 1/build/developer/1/1 is killed by sarah');
    await world.until('the end of its step', async () => (await world.events('step.failed')).length === 1);
    const [failed] = await world.events('step.failed');
    expect(failed?.data).toMatchObject({ reason: 'interrupted', message: expect.stringContaining('sarah') });

    model.holdAt = Number.POSITIVE_INFINITY;
    const request = { kind: 'resume', by: 'sarah', ceilingMicroUsd: null } as const;
    await askOfItem({ journal: world.journal, newId, project, number, request });
    await world.until('the end', async () => (await world.item(number)).status === 'ready');
    const started = await world.events('step.started');
    expect(started.map(({ data }) => data.attempt)).toEqual([1, 2, 1]);
    const prompts = await world.events('agent.seated');
    expect(prompts).toHaveLength(3);
  });

  it('lands nothing while what would land is checked; resumed, it lands once', async () => {
    const marker = '.git/slow';
    const world = await start(heldModel(writes).brain, {
      files: { 'check.sh': 'if [ -e "$SLOW" ]; then touch "$SLOW.met"; sleep 60; fi\n' },
      change: (context) => ({
        ...context,
        driver: {
          ...context.driver,
          open: (spec) =>
            context.driver.open({
              ...spec,
              env: { ...spec.env, SLOW: path.join(context.repository, marker) },
            }),
        },
      }),
    });
    const number = await world.add('Do it');
    world.work();
    await world.until('a ready item', async () => (await world.item(number)).status === 'ready');
    const slow = path.join(world.repository, marker);
    writeFileSync(slow, '');
    const before = await world.git('rev-parse', 'main');
    const commit = (await world.item(number)).readyCommit ?? '';
    const request = { kind: 'accept', by: 'sarah', commit } as const;
    await askOfItem({ journal: world.journal, newId, project, number, request });
    await world.until('the check', () => existsSync(`${slow}.met`));
    await world.lay('1', 'killed');
    expect(await world.context.driver.listLeftovers()).toEqual([]);
    expect(await world.git('rev-parse', 'main')).toBe(before);
    rmSync(slow);
    await world.clear('1');
    await world.until('the landing', async () => (await world.item(number)).status === 'landed');
    expect(await world.git('rev-list', '--count', `${before}..main`, '--first-parent')).toBe('1');
  });

  it('after what lands has reached the target, is recorded as landed all the same', async () => {
    const parts: { lay?: () => Promise<void> } = {};
    const world = await start(heldModel(writes).brain, {
      change: (context) => ({
        ...context,
        mirror: {
          ...context.mirror,
          advanceBranch: async (request) => {
            const outcome = await context.mirror.advanceBranch(request);
            await parts.lay?.();
            return outcome;
          },
        },
      }),
    });
    const number = await world.add('Do it');
    world.work();
    await world.until('a ready item', async () => (await world.item(number)).status === 'ready');
    parts.lay = async () => {
      const on = await readScope(world.journal, project, 'mesh');
      await setControl({ journal: world.journal, newId, project, on, by: 'sarah' }, 'killed');
      await delay(600);
    };
    const commit = (await world.item(number)).readyCommit ?? '';
    const request = { kind: 'accept', by: 'sarah', commit } as const;
    await askOfItem({ journal: world.journal, newId, project, number, request });
    await world.until('the record', async () => (await world.events('landing.finished')).length === 1);
    await world.until('the item', async () => (await world.item(number)).status === 'landed');
  });
});
