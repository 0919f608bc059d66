/** What the product itself asks: who decides a kind without a route, which of two decisions holds, and how a budget goes on. */
import { describe, expect, it } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import { readControls } from '../../src/controls/control-record.ts';
import { type ControlScope, clusterScope, meshScope } from '../../src/controls/control-scope.ts';
import { streamId } from '../../src/journal/event.ts';
import { decideContest, decideRetire } from '../../src/memory/decide-record.ts';
import { recordDecision, writeMemory } from '../../src/memory/memory-store.ts';
import { type DeskWorld, minuteMs, openDeskWorld, project } from './desk-world.ts';
import { alwaysThere, mapOf } from './people.ts';

const titleOf = async (world: DeskWorld, number: number) => (await world.question(number)).title;

const controlOver = async (world: DeskWorld, scope: ControlScope) =>
  (await readControls(world.journal, project)).byScope.get(scope) ?? [];

/** Resolves with the question's addressee once somebody is asked. */
const askedOf = (world: DeskWorld, number: number) =>
  world.until(`Q-${number} is asked`, async () => {
    const events = await world.questionEvents(number);
    return events.includes('notified') && (await world.question(number)).addressee;
  });

describe('a kind without a route', () => {
  it('waits, the engineering lead is asked once, and the answer routes it and every later one', async () => {
    const world = await openDeskWorld({ map: alwaysThere });
    world.work();
    await world.ask('naming_convention');
    await world.ask('naming_convention', { topic: 'table.names' });
    expect(await askedOf(world, 3)).toBe('@alex-engineering-lead');
    expect(await titleOf(world, 3)).toBe('Who decides naming_convention?');
    world.advance(90 * 24 * 60 * minuteMs);
    await world.until('the lead is reminded', async () => (await world.question(3)).asks.length > 1);
    const states = await Promise.all([1, 2].map((number) => world.question(number)));
    expect(states.map(({ status }) => status)).toEqual(['unrouted', 'unrouted']);
    await world.say('@alex-engineering-lead', 'Q-3', 'Route it like gtm_dependency');
    expect(await Promise.all([askedOf(world, 1), askedOf(world, 2)])).toEqual([
      '@marketing-ops',
      '@marketing-ops',
    ]);
    await world.ask('naming_convention', { topic: 'column.names' });
    expect(await askedOf(world, 4)).toBe('@marketing-ops');
    expect(await world.journal.streams(project, { prefix: 'question:' })).toHaveLength(4);
  });

  it('goes to whom the lead names, or to the lead', async () => {
    const world = await openDeskWorld({ map: alwaysThere });
    world.work();
    await world.ask('naming_convention');
    await askedOf(world, 2);
    await world.say('@alex-engineering-lead', 'Q-2', 'ask @product-channel about these');
    expect(await askedOf(world, 1)).toBe('@product-channel');
    await world.ask('license_choice');
    await askedOf(world, 4);
    await world.say('@alex-engineering-lead', 'Q-4', '1');
    expect(await askedOf(world, 3)).toBe('@alex-engineering-lead');
  });

  it('is routed as soon as the map has it', async () => {
    const world = await openDeskWorld({ map: alwaysThere });
    world.work();
    await world.ask('naming_convention');
    await askedOf(world, 2);
    const route = { ...alwaysThere.routes.gtm_dependency, kind: 'naming_convention', primary: '@sarah-pm' };
    world.setMap({ ...alwaysThere, routes: { ...alwaysThere.routes, naming_convention: route as never } });
    expect(await askedOf(world, 1)).toBe('@sarah-pm');
    const gap = await world.recorded(2);
    expect(gap).toMatchObject({ status: 'withdrawn', withdrawnWhy: 'naming_convention has a route now' });
    expect((await world.memory()).records.size).toBe(0);
  });

  it('of compliance stops the cluster from the first moment, and is never taken by default', async () => {
    const world = await openDeskWorld({ map: alwaysThere });
    world.work();
    await world.ask('compliance_export');
    const blocks = () => controlOver(world, clusterScope('main'));
    await world.until('the block', async () => (await blocks()).length > 0);
    await askedOf(world, 2);
    expect((await world.say('@alex-engineering-lead', 'Q-2', 'use your judgment')).isAccepted).toBe(false);
    await world.say('@alex-engineering-lead', 'Q-2', 'Route it like requirement_ambiguity');
    expect(await askedOf(world, 1)).toBe('@sarah-pm');
    world.advance(61 * minuteMs);
    await world.until('it climbs', async () => (await world.question(1)).rung > 0);
    expect(await world.question(1)).toMatchObject({ mode: 'block', status: 'notified' });
    expect(await blocks()).toMatchObject([{ holder: 'Q-1', state: 'paused' }]);
  });

  it('is for whoever may run commands where nobody is named at all', async () => {
    const world = await openDeskWorld({ map: { ...alwaysThere, routes: {}, engineeringLead: null } });
    world.work();
    await world.ask('naming_convention');
    expect(await world.say('@sarah-pm', 'Q-1', '2')).toMatchObject({ isAccepted: true });
    expect((await world.recorded(1)).recorded).toEqual({ decision: 'D-1' });
    expect(await world.journal.streams(project, { prefix: 'question:' })).toHaveLength(1);
  });
});

describe('two decisions that contradict each other', () => {
  const begin = async () => {
    const world = await openDeskWorld({ map: alwaysThere });
    const door = { journal: world.journal, newId, project, actor: 'person:@sarah-pm' };
    const decision = (topic: string, statement: string) =>
      recordDecision(
        door,
        {
          kind: 'decision',
          answers: 'requirement_ambiguity',
          topic,
          scope: 'mesh',
          statement,
          reasons: 'agreed',
          rejected: [],
          status: 'active',
          source: { from: 'person', by: '@sarah-pm' },
          validUntil: null,
          check: null,
          supersedes: [],
          why: 'agreed',
          by: '@sarah-pm',
        },
        Date.now(),
      );
    await decision('export.format', 'Export CSV');
    await decision('report.format', 'Export JSON everywhere');
    world.work();
    await writeMemory(door, (memory) =>
      decideContest(memory, ['D-1', 'D-2'], 'D-1 and D-2 name two formats'),
    );
    expect(await askedOf(world, 1)).toBe('@alex-engineering-lead');
    return { ...world, door };
  };

  it('the lead says which holds; it takes the place of both, each with its own topic', async () => {
    const world = await begin();
    await world.say('@alex-engineering-lead', 'Q-1', '2');
    expect((await world.recorded(1)).recorded).toEqual({ decision: 'D-3' });
    const { records } = await world.memory();
    const told = [...records.values()].map(({ id, topic, status, statement, supersededBy }) =>
      [id, topic, status, statement, supersededBy].join(' | '),
    );
    expect(told).toEqual([
      'D-1 | export.format | superseded | Export CSV | D-3',
      'D-2 | report.format | superseded | Export JSON everywhere | D-4',
      'D-3 | export.format | active | Export JSON everywhere | ',
      'D-4 | report.format | active | Export JSON everywhere | ',
    ]);
  });

  it('nobody is asked any more when only one of them is left', async () => {
    const world = await begin();
    await writeMemory(world.door, (memory) => decideRetire(memory, 'D-1', '@sarah-pm', 'CSV is gone'));
    const state = await world.recorded(1);
    expect(state).toMatchObject({ status: 'withdrawn', withdrawnWhy: 'D-2 is left, and holds' });
    expect((await world.memory()).records.get('D-2')?.status).toBe('active');
  });
});

describe('a budget that is nearly used up', () => {
  const alert = (world: DeskWorld, account: string) =>
    world.journal.post(project, {
      stream: streamId('mesh', project),
      id: `budget_threshold_exceeded/${account}/10000000`,
      kind: 'budget_threshold_exceeded',
      actor: 'agent:test/1/build/developer/1/1',
      data: {
        account,
        ceilingMicroUsd: 10_000_000,
        spentMicroUsd: 8_000_000,
        reservedMicroUsd: 100_000,
        permille: 800,
      },
    });
  const noted = (world: DeskWorld) =>
    world.until('the note', async () =>
      (await world.events(streamId('mesh', project), 'mesh.notified')).some(
        ({ data }) => data.message === 'budget_threshold_exceeded',
      ),
    );

  it('is asked of whom the map names, with the amounts; "pause" pauses everything until that person resumes it', async () => {
    const world = await openDeskWorld({ map: alwaysThere });
    world.work();
    await alert(world, 'mesh:test@2026-11');
    expect(await askedOf(world, 1)).toBe('@cto-channel');
    expect(await titleOf(world, 1)).toBe('$8.10 of $10.00 used by all clusters this month');
    await world.say('@cto-channel', 'Q-1', 'pause everything');
    await world.recorded(1);
    expect(await controlOver(world, meshScope)).toMatchObject([
      { state: 'paused', by: '@cto-channel', holder: null },
    ]);
    expect((await world.memory()).records.size).toBe(0);
  });

  it.each([
    ['of one item', alwaysThere, 'item:test/1'],
    ['for which the map names nobody', mapOf('escalation_routes: {}\n'), 'mesh:test@2026-11'],
  ])('%s is only noted', async (_, map, account) => {
    const world = await openDeskWorld({ map });
    world.work();
    await alert(world, account);
    await noted(world);
    expect(await world.journal.streams(project, { prefix: 'question:' })).toEqual([]);
  });
});
