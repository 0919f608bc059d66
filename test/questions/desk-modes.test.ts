/** What silence leads to, mode by mode and timeout by timeout, with the reference map, a real database and a moved clock. */
import { describe, expect, it } from 'vitest';
import { readControls } from '../../src/controls/control-record.ts';
import { clusterScope, meshScope } from '../../src/controls/control-scope.ts';
import { describeControl } from '../../src/controls/control-state.ts';
import { exportText } from './asked.ts';
import { type DeskWorld, minuteMs, openDeskWorld, project } from './desk-world.ts';
import { alwaysThere, mapOf } from './people.ts';

/** Everything that holds something now, as people read it. */
async function held(world: DeskWorld): Promise<string[]> {
  const { byScope } = await readControls(world.journal, project);
  return [...byScope.values()].flat().map(describeControl);
}

const asked = async (world: DeskWorld, number = 1) =>
  (await world.question(number)).asks.map(({ to, why }) => `${why} ${to}`);

const settles = (world: DeskWorld, what: string, wanted: string[]) =>
  world.until(what, async () => JSON.stringify(await asked(world)) === JSON.stringify(wanted));

const onCompliance = 'cluster main is blocked by Q-1 (compliance_question, waits for';

describe('a blocking compliance question', () => {
  it('stops its cluster at once, climbs to the cto and then the lead, never defaults, and lets go with the answer', async () => {
    const world = await openDeskWorld({ map: alwaysThere });
    world.work();
    await world.ask('compliance_question');
    await world.until('the block', async () => (await held(world)).length === 1);
    expect(await held(world)).toEqual([`${onCompliance} @compliance-team)`]);
    world.advance(30 * minuteMs);
    await settles(world, 'the cto is asked', [
      'asked @compliance-team',
      'escalated @cto-channel',
      'reminder @compliance-team',
    ]);
    await world.until('the block names the cto', async () => (await held(world))[0]?.includes('@cto'));
    expect(await held(world)).toEqual([`${onCompliance} @cto-channel)`]);
    world.advance(30 * minuteMs);
    await world.until('the lead is asked', async () =>
      (await asked(world)).includes('escalated @alex-engineering-lead'),
    );
    world.advance(90 * 24 * 60 * minuteMs);
    await world.until('a further ask', async () => (await asked(world)).length >= 6);
    expect((await world.question(1)).status).toBe('notified');
    await world.say('@compliance-team', 'Q-1', '1');
    await world.recorded(1);
    await world.until('nothing is held', async () => (await held(world)).length === 0);
  });

  it('acknowledged in time has one more SLA for its answer, and stays blocking', async () => {
    const world = await openDeskWorld({ map: alwaysThere });
    world.work();
    await world.ask('compliance_question');
    await world.until('it is asked', async () => (await asked(world)).length === 1);
    world.advance(25 * minuteMs);
    expect(await world.say('@compliance-team', 'Q-1', 'ack')).toMatchObject({ isAccepted: true });
    world.advance(20 * minuteMs);
    await world.ask('gtm_dependency');
    await world.until('the desk has looked', async () => (await asked(world, 2)).length === 1);
    expect([await asked(world), await held(world)]).toEqual([
      ['asked @compliance-team'],
      [`${onCompliance} @compliance-team)`],
    ]);
    world.advance(11 * minuteMs);
    await world.until('it climbs', async () => (await asked(world)).includes('escalated @cto-channel'));
  });
});

describe('a budget alert', () => {
  it('that nobody acknowledges pauses the mesh until somebody does; the answer lets its cluster go', async () => {
    const world = await openDeskWorld({ map: alwaysThere });
    world.work();
    await world.ask('budget_threshold_exceeded', { topic: 'budget.month' });
    await world.until('the block', async () => (await held(world)).length === 1);
    world.advance(16 * minuteMs);
    await world.until('the mesh is paused', async () => (await held(world)).length === 2);
    const { byScope } = await readControls(world.journal, project);
    expect(byScope.get(meshScope)).toMatchObject([{ state: 'paused', holder: 'Q-1' }]);
    await world.say('@cto-channel', 'Q-1', 'acknowledged');
    await world.until('the mesh goes on', async () => (await held(world)).length === 1);
    expect(await held(world)).toEqual([expect.stringContaining(clusterScope('main').replace(':', ' '))]);
    await world.say('@cto-channel', 'Q-1', '1');
    await world.until('all goes on', async () => (await held(world)).length === 0);
  });
});

describe('a parked question', () => {
  it('reminds its primary, then the secondary, and is never taken by default', async () => {
    const world = await openDeskWorld({ map: alwaysThere });
    world.work();
    await world.ask('gtm_dependency');
    await world.until('it is asked', async () => (await asked(world)).length === 1);
    for (const more of ['reminder @marketing-ops', 'escalated @product-channel']) {
      world.advance(40 * 240 * minuteMs);
      await world.until(more, async () => (await asked(world)).includes(more));
    }
    expect([(await world.question(1)).status, await held(world)]).toEqual(['notified', []]);
  });

  it('whose route declares a default takes it', async () => {
    const map = mapOf(`escalation_routes:
  gtm_dependency: { primary: "@marketing-ops", sla_minutes: 240, non_blocking: true, on_timeout: default_and_flag, clock: always }
`);
    const world = await openDeskWorld({ map });
    world.work();
    await world.ask('gtm_dependency');
    await world.until('it is asked', async () => (await asked(world)).length === 1);
    world.advance(241 * minuteMs);
    expect((await world.recorded(1)).status).toBe('defaulted');
  });
});

describe('an architectural decision', () => {
  it('binds the mesh whatever scope the agent named', async () => {
    const world = await openDeskWorld({ map: alwaysThere });
    world.work();
    await world.ask('architectural_decision', { scope: 'item:3' });
    await world.say('@alex-engineering-lead', 'Q-1', '3');
    await world.recorded(1);
    expect((await world.memory()).records.get('D-1')).toMatchObject({ scope: 'mesh', status: 'active' });
  });
});

it('a question without a default climbs instead', async () => {
  const world = await openDeskWorld({ map: alwaysThere });
  world.work();
  await world.ask('requirement_ambiguity', { text: { ...exportText, defaultOption: null } });
  await world.until('it is asked', async () => (await asked(world)).length === 1);
  world.advance(61 * minuteMs);
  await world.until('the fallback is asked', async () =>
    (await asked(world)).includes('escalated @alex-engineering-lead'),
  );
});
