/** An item that a person pauses while it waits for another one: the answer is heard in the pause, and used after it. */
import { expect, test } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import type { ItemRequest } from '../../src/items/judge-request.ts';
import { askOfItem } from '../../src/requests/ask-of-item.ts';
import { say, write } from '../engine/small-team.ts';
import { openAskingWorld } from './asking-world.ts';
import { ask } from './question-input.ts';

test('an answer to a paused item lets its agent go on once it is resumed, and not before', async () => {
  const world = await openAskingWorld(
    { developer: (_, turn) => (turn === 0 ? ask() : turn === 1 ? write('x.txt', 'x\n') : say('done')) },
    { flow: 'solo' },
  );
  const request = async (asked: ItemRequest) => {
    await askOfItem({ journal: world.journal, newId, project: 'test', number: 1, request: asked });
    await world.run();
  };
  const agent = 'agent:test/1/build/developer/1/1';
  await world.add('# Export\n\nExport it.');
  await world.run();
  await request({ kind: 'pause', by: 'test', message: 'wait' });
  expect(await world.item(1)).toMatchObject({
    status: 'paused',
    phase: { steps: { 'build/developer': { waiting: { ask: 'Q-1' } } } },
  });

  await world.say('Q-1', '2');
  await world.run();
  expect(await world.item(1)).toMatchObject({
    status: 'paused',
    phase: { steps: { 'build/developer': { waiting: null } } },
  });
  expect(await world.results(agent)).toEqual([]);

  await request({ kind: 'resume', by: 'test', ceilingMicroUsd: null });
  expect((await world.item(1)).status).toBe('ready');
  expect((await world.results(agent))[0]).toContain('Q-1 was answered by @sarah-pm: option 2');
  expect((await world.events(1)).filter(({ kind }) => kind === 'step.answered')).toHaveLength(1);
}, 60_000);
