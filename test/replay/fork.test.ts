/** Forks of an item that really ran: they go on from an earlier moment, by themselves and at their own expense. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import { itemStream, readItemEvent } from '../../src/items/item-stream.ts';
import { readJsonBlob } from '../../src/journal/blob-text.ts';
import { itemAccount } from '../../src/ledger/account-names.ts';
import { type ForkRequest, findForkPoint, forkItemAt } from '../../src/requests/fork-item.ts';
import type { Team } from '../../src/teams/team.ts';
import { openReplayWorld, type ReplayWorld } from './replay-world.ts';

let world: ReplayWorld;
beforeAll(async () => {
  world = await openReplayWorld();
  await world.project.add('Make three files');
  await world.project.run();
});
afterAll(() => world.remove());

function fork(at: number, more: Partial<ForkRequest> = {}): Promise<number> {
  const { journal } = world.project;
  return forkItemAt({
    journal,
    newId,
    project: 'test',
    from: 1,
    at,
    team: null,
    ceilingMicroUsd: 2_000_000,
    by: 'person:tess',
    ...more,
  });
}

async function eventsOf(number: number) {
  return (await world.project.journal.read(itemStream('test', number))).map(readItemEvent);
}

function point(at: string): Promise<number> {
  return findForkPoint(world.project.journal, 'test', { from: 1, at });
}

describe('a fork', () => {
  it('from the middle of two running steps starts both again, on its own branch and its own account, and leaves the other item as it was', async () => {
    const { journal, context } = world.project;
    const before = await eventsOf(1);
    const spent = await journal.account(itemAccount('test', 1));
    const branch = await context.mirror.resolve('refs/heads/mesh/1');
    const building = before.findIndex((event) => event.kind === 'step.started' && event.data.task === 'T2');

    const number = await fork(building + 1);
    expect(await world.project.item(number)).toMatchObject({
      status: 'running',
      fork: { from: 1, at: building + 1 },
      branch: `mesh/${number}`,
      costMicroUsd: 0,
      phase: { name: 'build', steps: {} },
    });
    expect(await journal.account(itemAccount('test', number))).toMatchObject({
      ceilingMicroUsd: spent?.ceilingMicroUsd,
      spentMicroUsd: 0,
    });

    await world.project.run();
    const state = await world.project.item(number);
    expect(state).toMatchObject({ status: 'ready', readyCommit: expect.any(String) });
    expect(await context.mirror.resolve(`refs/heads/mesh/${number}`)).toBe(state.head);
    const started = (await eventsOf(number)).flatMap((event) =>
      event.kind === 'step.started' ? [event.data.agent] : [],
    );
    expect(started[0]).toBe('agent:test/1/plan/planner/1/1');
    expect(started.slice(1).every((agent) => agent.startsWith(`agent:test/${number}/`))).toBe(true);
    const own = await journal.account(itemAccount('test', number));
    expect(own?.spentMicroUsd).toBe(state.costMicroUsd);
    expect(own?.spentMicroUsd).toBeGreaterThan(0);

    expect(await eventsOf(1)).toEqual(before);
    expect(await journal.account(itemAccount('test', 1))).toEqual(spent);
    expect(await context.mirror.resolve('refs/heads/mesh/1')).toBe(branch);

    const replay = await world.replay({ item: number });
    expect(replay.isIdentical).toBe(true);
    expect(replay.notes.join()).toContain('forked from #1');
    expect(replay.agents.map(({ step }) => step)).not.toContain('plan/planner');
  });

  it('has its branch as soon as a worker drives it, although nobody made one when it was forked', async () => {
    const { context } = world.project;
    const number = await fork(await point('build/T3'));
    const { head } = await world.project.item(number);
    expect(await context.mirror.resolve(`refs/heads/mesh/${number}`)).toBeNull();
    await world.project.run();
    const now = await world.project.item(number);
    expect(now.status).toBe('ready');
    expect(await context.mirror.isDescendant(now.head ?? '', head ?? '')).toBe(true);
  });

  it('may have another team, whose roles then do the work', async () => {
    const { journal } = world.project;
    const pinned = await readJsonBlob<Team>(journal, (await world.project.item(1)).team ?? '');
    const tester = pinned.roles.tester;
    if (!tester) throw new Error('the feature flow has a tester');
    const team = {
      ...pinned,
      roles: { ...pinned.roles, tester: { ...tester, instructions: 'Look twice.' } },
    };
    const number = await fork(await point('verify/tester'), { team });
    await world.project.run();
    const replay = await world.replay({ item: number });
    expect(replay).toMatchObject({ isIdentical: true });
    const again = await readJsonBlob<Team>(journal, (await world.project.item(number)).team ?? '');
    expect(again.roles.tester?.instructions).toBe('Look twice.');
  });

  it('of what was ready is ready, and lands by itself', async () => {
    const at = (await eventsOf(1)).length;
    const number = await fork(at);
    expect((await world.project.item(number)).status).toBe('ready');
    await world.project.run();
    await world.project.accept(number);
    expect((await world.project.item(number)).status).toBe('landed');
    expect((await world.project.item(1)).status).toBe('ready');
    await expect(fork((await eventsOf(number)).length, { from: number })).rejects.toMatchObject({
      code: 'fork_refused',
      message: expect.stringContaining('was over (landed)'),
    });
  });

  it('is refused at an event or a step that the item does not have', async () => {
    await expect(fork(1000)).rejects.toMatchObject({ code: 'fork_refused' });
    await expect(point('build/T9')).rejects.toMatchObject({ code: 'usage' });
  });

  it('of which two are asked for at once gives two items', async () => {
    const numbers = await Promise.all([fork(3), fork(3), fork(3)]);
    expect(new Set(numbers).size).toBe(3);
  });
});
