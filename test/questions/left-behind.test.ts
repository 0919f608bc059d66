/** A question whose agent will not go on is not left open, wherever the agent was when it ended. */
import { expect, it } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import type { ItemRequest } from '../../src/items/judge-request.ts';
import type { StreamId } from '../../src/journal/event.ts';
import { askOfItem } from '../../src/requests/ask-of-item.ts';
import { say } from '../engine/small-team.ts';
import { anAsker } from './asked.ts';
import { type AskingWorld, openAskingWorld } from './asking-world.ts';
import { askIn } from './desk-world.ts';
import { dieAfter } from './die-after.ts';
import { alwaysThere } from './people.ts';
import { ask } from './question-input.ts';

async function request(world: AskingWorld, request: ItemRequest): Promise<void> {
  await askOfItem({ journal: world.journal, newId, project: 'test', number: 1, request });
}

/** Its question is there, and its item does not know of it: the worker died between the two. */
async function openHalfAsked(): Promise<AskingWorld> {
  const world = await openAskingWorld(
    { developer: (_, turn) => (turn === 0 ? ask() : say('done')) },
    { flow: 'solo' },
  );
  await world.add('# Export\n\nExport it.');
  await dieAfter(world, 'question.asked');
  expect((await world.question(1))?.askers).toHaveLength(1);
  expect((await world.events(1)).map(({ kind }) => kind)).not.toContain('step.asked');
  return world;
}

it('of an item that is canceled before it knows that it waits', async () => {
  const world = await openHalfAsked();
  await request(world, { kind: 'cancel', by: 'test', reason: 'no more' });
  await world.run();
  expect((await world.item(1)).status).toBe('canceled');
  expect((await world.question(1))?.status).toBe('withdrawn');
});

it('of an item that a person takes over before it knows that it waits', async () => {
  const world = await openHalfAsked();
  await request(world, { kind: 'takeover', by: 'test', to: 'test', folder: '/nowhere' });
  await world.run();
  expect((await world.item(1)).status).toBe('taken_over');
  expect((await world.question(1))?.status).toBe('withdrawn');
});

it('asked in the very moment in which its item was canceled', async () => {
  const world = await openHalfAsked();
  await request(world, { kind: 'cancel', by: 'test', reason: 'no more' });
  await dieAfter(world, 'item.canceled');
  const [step] = Object.values((await world.item(1)).phase?.steps ?? {});
  const asker = { ...anAsker(1), agent: step?.agent as StreamId };
  const now = { journal: world.journal, stakeholders: alwaysThere, nowMs: world.context.clock.now() };
  await askIn(now, 'requirement_ambiguity', { topic: 'export.columns', asker });
  await world.run();
  expect((await world.question(2))?.status).toBe('withdrawn');
});

it('goes on with its own question when nobody stops it', async () => {
  const world = await openHalfAsked();
  await world.run();
  expect((await world.events(1)).map(({ kind }) => kind)).toContain('step.asked');
  expect((await world.question(1))?.askers).toHaveLength(1);
  await expect(world.question(2)).resolves.toBeNull();
});
