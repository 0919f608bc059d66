/** What pause and stop mean for the work under them, through the requests and the worker. */
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import type { ModelFailure } from '../../src/gateway/model.ts';
import { itemStream } from '../../src/items/item-stream.ts';
import { askOfItem } from '../../src/requests/ask-of-item.ts';
import { viewStatus } from '../../src/views/status-view.ts';
import { say } from '../engine/small-team.ts';
import { heldModel, project, start, writes } from './controlled-project.ts';

const later: ModelFailure = {
  kind: 'rate_limited',
  message: 'later',
  isRetryable: true,
  retryAfterMs: null,
  mayHaveBilled: false,
  usage: null,
};

describe('what is paused', () => {
  it.each(['mesh', 'cluster:main', '1', 'agent:1/build/developer'])(
    'ends its call, makes no other, and goes on in its own files with nothing paid twice: %s',
    async (scope) => {
      const model = heldModel(writes);
      model.holdAt = 2;
      let cells = 0;
      const world = await start(model.brain, {
        change: (context) => ({
          ...context,
          driver: {
            ...context.driver,
            open: (spec) => {
              cells += 1;
              return context.driver.open(spec);
            },
          },
        }),
      });
      const number = await world.add('Do it');
      world.work();
      await world.until('the second call', () => model.asked.length === 2);
      await world.lay(scope, 'paused');
      model.holdAt = Number.POSITIVE_INFINITY;
      await world.until('the reply on the tape', async () => {
        return (await world.events('model.call_finished')).length === 2;
      });
      await delay(700);
      expect(model.asked).toEqual(['developer 0', 'developer 1']);
      expect(await world.events('tool.call_finished')).toHaveLength(1);
      // It was put down once, and nobody takes it up again before it may go on.
      expect(cells).toBe(1);
      expect(await world.context.driver.listLeftovers()).toEqual([]);

      await world.clear(scope);
      await world.until('the end', async () => (await world.item(number)).status === 'ready');
      expect(model.asked).toEqual(['developer 0', 'developer 1', 'developer 2', 'tester 0']);
      expect((await world.events('step.started')).length).toBe(2);
      expect(await world.events('step.failed')).toEqual([]);
      expect(await world.context.mirror.show(String((await world.item(number)).head), '1.txt')).toBe(
        'file 1\n',
      );
    },
  );

  it('does not wait for its next attempt of a call', async () => {
    let calls = 0;
    const world = await start(() => {
      calls += 1;
      return calls === 1 ? { failure: { ...later, retryAfterMs: 50_000 } } : say('done');
    });
    await world.add('Do it');
    world.work();
    await world.until('the wait', async () => (await world.events('model.call_failed')).length === 1);
    await world.lay('1', 'paused');
    const { workspaces } = world.context;
    await world.until('nobody at it', async () => (await world.context.driver.listLeftovers()).length === 0);
    expect(await workspaces.list()).toHaveLength(1);
  });

  it('is not begun, whether it was there before or comes later', async () => {
    const model = heldModel(writes);
    const world = await start(model.brain);
    const first = await world.add('First');
    await world.lay('mesh', 'paused');
    world.work();
    const second = await world.add('Second');
    await world.until('both routed', async () => (await world.events('item.routed')).length === 2);
    await delay(700);
    expect(model.asked).toEqual([]);
    expect([(await world.item(first)).status, (await world.item(second)).status]).toEqual([
      'queued',
      'queued',
    ]);
    await world.clear('mesh');
    await world.until('the end', async () => (await world.item(first)).status === 'ready');
  });

  it('is known before anything begins, also to a worker that hears of it late', async () => {
    const model = heldModel(writes);
    let isFirst = true;
    const world = await start(model.brain, {
      change: (context) => ({
        ...context,
        journal: {
          ...context.journal,
          // Beside everything else that the worker does, the first look at the controls takes long.
          read: async (stream, options) => {
            const isLate = isFirst && stream.startsWith('control:');
            if (isLate) isFirst = false;
            const events = await context.journal.read(stream, options);
            if (isLate) await delay(2_000);
            return events;
          },
        },
      }),
    });
    await world.add('Do it');
    await world.lay('mesh', 'paused');
    world.work();
    await world.until('the routing', async () => (await world.events('item.routed')).length === 1);
    await delay(1_000);
    expect(model.asked).toEqual([]);
    expect(await world.events('item.started')).toEqual([]);
  });

  it('is still asked and answered: a person can cancel it', async () => {
    const world = await start(heldModel(writes).brain);
    const number = await world.add('Do it');
    await world.lay('mesh', 'paused');
    world.work();
    const request = { kind: 'cancel', by: 'sarah', reason: '' } as const;
    await askOfItem({ journal: world.journal, newId, project, number, request });
    await world.until('its end', async () => (await world.item(number)).status === 'canceled');
  });

  it('is nothing that an idle run waits for', async () => {
    const world = await start(heldModel(writes).brain);
    await world.add('Do it');
    await world.lay('1', 'paused');
    const signal = AbortSignal.timeout(20_000);
    await world.run(signal);
    expect(signal.aborted).toBe(false);
    const { items } = await viewStatus(world.journal, project);
    expect(items).toMatchObject([
      { status: 'queued', control: { state: 'paused', by: 'sarah', scope: 'item:1' } },
    ]);
  });
});

describe('what is stopped', () => {
  it('ends its step, records it, and begins nothing', async () => {
    const model = heldModel(writes);
    model.holdAt = 1;
    const world = await start(model.brain);
    const number = await world.add('Do it');
    world.work();
    await world.until('the first call', () => model.asked.length === 1);
    await world.lay('cluster:main', 'stopped');
    model.holdAt = Number.POSITIVE_INFINITY;
    await world.until('the step', async () => (await world.events('step.finished')).length === 1);
    await delay(700);
    expect(model.asked).toEqual(['developer 0', 'developer 1', 'developer 2']);
    expect((await world.events('step.started')).length).toBe(1);
    await world.clear('cluster:main');
    await world.until('the end', async () => (await world.item(number)).status === 'ready');
  });
});

it('a wider control that is cleared leaves the narrower one', async () => {
  const model = heldModel(writes);
  const world = await start(model.brain);
  await world.add('First');
  await world.add('Second');
  await world.lay('mesh', 'paused');
  await world.lay('1', 'stopped');
  world.work();
  await world.until('both routed', async () => (await world.events('item.routed')).length === 2);
  await world.clear('mesh');
  await world.until('the second', async () => (await world.item(2)).status === 'ready');
  expect((await world.item(1)).status).toBe('queued');
  expect(await world.journal.read(itemStream(project, 1), { after: 2 })).toEqual([]);
});
