/** A ceiling of each kind: the call that could cross it is not made, the item pauses with its work, and a raise goes on where it stopped. */
import { afterEach, describe, expect, test } from 'vitest';
import { readTape } from '../../src/gateway/tape-writer.ts';
import { itemStream } from '../../src/items/item-stream.ts';
import { streamId } from '../../src/journal/event.ts';
import { raiseCeiling } from '../../src/requests/raise-ceiling.ts';
import {
  dayMs,
  developer,
  kindsOf,
  longText,
  onlyT1,
  raiseRequest,
  removeWorlds,
  resume,
  type Setting,
  start,
  tight,
  turns,
  type World,
} from './ceiling-world.ts';

afterEach(removeWorlds);

const kinds: [string, string, Setting, (world: World) => Promise<unknown>][] = [
  ['an agent', developer, { ceilings: { agentMicroUsd: tight } }, (world) => resume(world, 5_000_000)],
  [
    'a step',
    'step:test/1/build/T1/developer',
    { ceilings: { stepMicroUsd: tight } },
    (world) => resume(world, 5_000_000),
  ],
  ['an item', 'item:test/1', { ceilings: { itemMicroUsd: tight } }, (world) => resume(world, 5_000_000)],
  [
    'a cluster for a day',
    'cluster:test/main@2026-11-21',
    { ceilings: { clusterDayMicroUsd: tight } },
    (world) => raiseCeiling(raiseRequest(world, { kind: 'cluster', name: 'main' })),
  ],
  [
    'a mesh for a day',
    'mesh:test@2026-11-21',
    { ceilings: { meshDayMicroUsd: tight } },
    (world) => raiseCeiling(raiseRequest(world, { kind: 'mesh' })),
  ],
  [
    'a mesh for a month',
    'mesh:test@2026-11',
    { ceilings: { meshMonthMicroUsd: tight } },
    (world) => raiseCeiling(raiseRequest(world, { kind: 'mesh' }, { window: 'month' })),
  ],
  [
    'a host for a day',
    'host:test@2026-11-21',
    { host: { dayMicroUsd: tight } },
    (world) => raiseCeiling(raiseRequest(world, { kind: 'host' })),
  ],
];

describe.each(kinds)('the ceiling of %s', (_, account, setting, raise) => {
  test('stops before the call, keeps the work, and when it is raised the same agent goes on', async () => {
    const world = await start(setting);
    const { project, calls } = world;
    await project.add('Spend', onlyT1);
    await project.run();
    const { status, pause } = await project.item(1);
    expect(status).toBe('paused');
    expect(pause).toMatchObject({ reason: 'ceiling', account });
    expect(pause?.message).toContain(`${account} has a ceiling of $0.10`);
    const row = await project.journal.account(account);
    expect(row).toMatchObject({ ceilingMicroUsd: tight, reservedMicroUsd: 0 });
    expect(row?.spentMicroUsd).toBeGreaterThan(0);
    expect(row?.spentMicroUsd).toBeLessThanOrEqual(tight);
    const made = calls.length;
    expect(made).toBeGreaterThan(0);
    expect(made).toBeLessThan(turns.length);
    expect((await kindsOf(project, developer)).filter((kind) => kind === 'model.call_intended')).toHaveLength(
      made,
    );

    await raise(world);
    await project.run();
    expect((await project.item(1)).status).toBe('ready');
    // Every turn was asked for once, all of them by the agent that began.
    expect(calls).toEqual(turns);
    expect((await readTape(project.journal, developer)).ending?.outcome).toBe('done');
    expect(await kindsOf(project, itemStream('test', 1))).not.toContain('step.failed');
    const { head } = await project.item(1);
    expect(await project.context.mirror.show(head ?? '', 'f0.txt')).toBe(longText);
    const reservations = await project.journal.reservations('test');
    expect(reservations.filter((each) => each.state !== 'settled')).toEqual([]);
  });
});

test('a call of another agent that is under way when the item pauses is let end, and not made again', async () => {
  let isBegun = false;
  const isPaused = async () => (await world.project.item(1)).status === 'paused';
  const world: World = await start({ ceilings: { itemMicroUsd: tight } }, {}, async ({ task }) => {
    if (task !== 'T2' || isBegun) return;
    isBegun = true;
    await expect.poll(isPaused, { timeout: 20_000 }).toBe(true);
  });
  const { project, calls } = world;
  const [task] = onlyT1.tasks;
  await project.add('Spend', { ...onlyT1, tasks: [task, { ...task, id: 'T2' }] });
  await project.run();
  expect(calls.filter((each) => each.startsWith('T2'))).toEqual(['T2 0']);
  await resume(world, 5_000_000);
  await project.run();
  expect(new Set(calls).size).toBe(calls.length);
  const tape = await kindsOf(project, streamId('agent', 'test', 1, 'build', 'T2', 'developer', 1, 1));
  expect(tape).not.toContain('model.call_failed');
});

describe('the window of an account', () => {
  test('ends, and what waited for it goes on by itself, also with another worker', async () => {
    const world = await start({ ceilings: { clusterDayMicroUsd: tight } });
    const { project, calls } = world;
    await project.add('Spend', onlyT1);
    await project.run();
    expect((await project.item(1)).pause).toMatchObject({ until: '2026-11-22T00:00:00.000Z' });
    const head = await project.journal.streamHead(streamId('cluster', 'test', 'main'));
    expect(head?.wakeAt).toBe('2026-11-22T00:00:00.000Z');
    world.passTime(dayMs / 2 - 1);
    await project.run();
    expect((await project.item(1)).status).toBe('paused');
    for (let day = 0; day < 6 && (await project.item(1)).status === 'paused'; day += 1) {
      world.passTime(dayMs);
      await project.run();
    }
    expect((await project.item(1)).status).toBe('ready');
    expect(calls).toEqual(turns);
    const days = (await project.journal.accounts('test')).filter(({ account }) =>
      /main@2026-11-2\d/.test(account),
    );
    expect(days.length).toBeGreaterThan(1);
    for (const day of days) expect(day.spentMicroUsd).toBeLessThanOrEqual(tight);
    const month = await project.journal.account('cluster:test/main@2026-11');
    expect(month?.spentMicroUsd).toBe(days.reduce((sum, day) => sum + day.spentMicroUsd, 0));
  });

  test('takes a raise with it: the next day has the policy’s ceiling again', async () => {
    const world = await start({ ceilings: { meshDayMicroUsd: tight } });
    const { project } = world;
    await project.add('Spend', onlyT1);
    await project.run();
    await raiseCeiling(raiseRequest(world, { kind: 'mesh' }));
    await project.run();
    expect(await project.journal.account('mesh:test@2026-11-21')).toMatchObject({
      ceilingMicroUsd: 10_000_000,
    });
    world.passTime(dayMs);
    await project.add('Again', onlyT1);
    await project.run();
    expect(await project.journal.account('mesh:test@2026-11-22')).toMatchObject({ ceilingMicroUsd: tight });
    expect((await project.item(2)).pause?.account).toBe('mesh:test@2026-11-22');
  });
});
