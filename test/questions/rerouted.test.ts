/** A question that goes to other people is waited for as their route says: its item parks, or takes its place again. */
import { expect, it } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import type { ItemRequest } from '../../src/items/judge-request.ts';
import { askOfItem } from '../../src/requests/ask-of-item.ts';
import { say, write } from '../engine/small-team.ts';
import { type AskingWorld, openAskingWorld } from './asking-world.ts';
import { ask, questionOf } from './question-input.ts';

/** Every item asks at once; one is worked on at a time. */
const openWorld = (kind: string) =>
  openAskingWorld(
    {
      developer: ({ seat }, turn) =>
        seat.item === 1 && turn === 0
          ? ask(questionOf({ kind }))
          : turn < 2
            ? write('x.txt', 'x\n')
            : say('done'),
    },
    { flow: 'solo', policy: 'limits: { items_at_once: 1 }\n' },
  );

const life = async (world: AskingWorld) =>
  (await world.events(1)).flatMap(({ kind }) => (/rerouted|parked|requeued/.test(kind) ? [kind] : []));

it('parks when it turns out to be for people who may take their time', async () => {
  const world = await openWorld('requirement_ambiguity');
  await world.add('# Export\n\nExport it.');
  await world.add('# Print\n\nPrint it.');
  await world.run();
  expect([(await world.item(1)).isParked, (await world.item(2)).status]).toEqual([false, 'queued']);
  expect(await world.say('Q-1', 'not mine, gtm_dependency')).toContain('@marketing-ops is asked');
  await world.run();
  expect([(await world.item(1)).isParked, (await world.item(2)).status]).toEqual([true, 'ready']);
  expect(await life(world)).toEqual(['step.rerouted', 'item.parked']);
});

it('takes its place again when it turns out to be for people who are waited for', async () => {
  const world = await openWorld('gtm_dependency');
  await world.add('# Export\n\nExport it.');
  await world.run();
  expect((await world.item(1)).isParked).toBe(true);
  await world.say('Q-1', 'not mine, requirement_ambiguity', '@marketing-ops');
  await world.run();
  const item = await world.item(1);
  expect(item.isParked).toBe(false);
  expect(Object.values(item.phase?.steps ?? {})).toMatchObject([{ waiting: { ask: 'Q-1', mode: 'wait' } }]);
  expect(await life(world)).toEqual(['item.parked', 'step.rerouted', 'item.requeued']);
});

it('parks when the engineering lead routes its kind to people who may take their time', async () => {
  const world = await openWorld('launch_date');
  await world.add('# Export\n\nExport it.');
  await world.run();
  expect((await world.item(1)).isParked).toBe(false);
  await world.say('Q-2', 'Route it like gtm_dependency', '@alex-engineering-lead');
  await world.run();
  expect((await world.item(1)).isParked).toBe(true);
  expect((await world.question(1))?.addressee).toBe('@marketing-ops');
});

it('changes nothing of an item that is canceled before it hears of it', async () => {
  const world = await openWorld('requirement_ambiguity');
  await world.add('# Export\n\nExport it.');
  await world.run();
  const request: ItemRequest = { kind: 'cancel', by: 'test', reason: 'no more' };
  await askOfItem({ journal: world.journal, newId, project: 'test', number: 1, request });
  await world.say('Q-1', 'not mine, gtm_dependency');
  await world.run();
  expect((await world.item(1)).status).toBe('canceled');
  expect(await life(world)).toEqual([]);
  expect((await world.question(1))?.status).toBe('withdrawn');
});
