/** What an agent asked is asked: neither a changed map nor a decision made meanwhile makes another question of it, or none. */
import { expect, test } from 'vitest';
import type { Stakeholders } from '../../src/policy/stakeholders.ts';
import { say, write } from '../engine/small-team.ts';
import { type AskingWorld, openAskingWorld } from './asking-world.ts';
import { alwaysThere, mapOf } from './people.ts';
import { ask } from './question-input.ts';

const agent = 'agent:test/1/build/developer/1/1';

/** Its one agent asks, without a default, what may take its time. */
async function openWorld(): Promise<AskingWorld & { setMap(map: Stakeholders): void }> {
  const live = { map: alwaysThere };
  const world = await openAskingWorld(
    {
      developer: (_, turn) =>
        turn === 0
          ? ask({ kind: 'gtm_dependency', default: null })
          : turn === 1
            ? write('x.txt', 'x\n')
            : say('done'),
    },
    { flow: 'solo', change: (context) => ({ ...context, stakeholders: async () => live.map }) },
  );
  await world.add('# Export\n\nExport it.');
  await world.run();
  return {
    ...world,
    setMap(map) {
      live.map = map;
    },
  };
}

test('is well-formed still when its route wants more by now', async () => {
  const world = await openWorld();
  world.setMap(
    mapOf(`
people: { "@alex-engineering-lead": { role: engineering_lead } }
escalation_routes: { gtm_dependency: { primary: "@marketing-ops", sla_minutes: 60 } }
`),
  );
  await world.say('Q-1', '2', '@marketing-ops');
  await world.run();
  expect((await world.item(1)).status).toBe('ready');
  expect(await world.results(agent)).toEqual([
    expect.stringContaining('Q-1 was answered by @marketing-ops: option 2'),
    expect.any(String),
  ]);
});

test('is told as its answer, with who gave it, although memory holds the decision by then', async () => {
  const world = await openWorld();
  await world.say('Q-1', '1, and soon', '@marketing-ops');
  await world.run();
  const [told] = await world.results(agent);
  expect(told).toContain('@marketing-ops adds: and soon');
  expect(told).not.toContain('Nobody was asked');
  expect(await world.kinds(agent)).not.toContain('memory.answered');
});
