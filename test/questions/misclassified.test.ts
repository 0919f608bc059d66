/** A question that a person gave another kind is known under both: it is not asked again, whichever kind the next agent thinks it has. */
import { expect, it } from 'vitest';
import { findBinding } from '../../src/memory/memory-state.ts';
import { minuteMs, openDeskWorld } from './desk-world.ts';
import { alwaysThere } from './people.ts';

const begin = async () => {
  const world = await openDeskWorld({ map: alwaysThere });
  world.work();
  await world.ask('requirement_ambiguity');
  await world.until('it is asked', async () => (await world.question(1)).asks.length > 0);
  await world.say('@sarah-pm', 'Q-1', 'not mine, architectural_decision');
  await world.until('it is asked anew', async () => (await world.question(1)).asks.length > 1);
  return {
    ...world,
    async told() {
      const memory = await world.memory();
      return ['requirement_ambiguity', 'architectural_decision', 'gtm_dependency'].map((kind) => {
        const record = findBinding(memory, { kind, topic: 'export.timezone', scope: 'mesh' }, Date.now());
        return record?.statement ?? null;
      });
    },
  };
};

it('answered', async () => {
  const world = await begin();
  await world.say('@alex-engineering-lead', 'Q-1', '2');
  await world.recorded(1);
  expect(await world.told()).toEqual([
    "Export the patient's local time",
    "Export the patient's local time",
    null,
  ]);
});

it('overturned', async () => {
  const world = await begin();
  world.advance(121 * minuteMs);
  expect((await world.recorded(1)).status).toBe('defaulted');
  await world.say('@alex-engineering-lead', 'Q-1', '3');
  await world.recorded(1);
  expect(await world.told()).toEqual(['Export both', 'Export both', null]);
  const { records } = await world.memory();
  expect([...records.values()].map(({ id, status, supersededBy }) => [id, status, supersededBy])).toEqual([
    ['D-1', 'superseded', 'D-3'],
    ['D-2', 'superseded', 'D-4'],
    ['D-3', 'active', null],
    ['D-4', 'active', null],
  ]);
});
