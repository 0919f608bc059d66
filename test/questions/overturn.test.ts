/** A default that a person overturns later: what went by it is done again, whether it is under way or has landed. */
import { expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { newId } from '../../src/base/ids.ts';
import { readGit } from '../../src/git/run-git.ts';
import { readTextBlob } from '../../src/journal/blob-text.ts';
import { streamId } from '../../src/journal/event.ts';
import { readMemory } from '../../src/memory/memory-store.ts';
import { say, write } from '../engine/small-team.ts';
import { openAskingWorld, toldSoFar } from './asking-world.ts';
import { askIn } from './desk-world.ts';
import { dieAfter } from './die-after.ts';
import { alwaysThere } from './people.ts';
import { ask } from './question-input.ts';

/** Writes what it was told last, into a file of its item's own. */
const openWorld = async () => {
  const time = { aheadMs: 0 };
  const clock = { ...systemClock, now: () => systemClock.now() + time.aheadMs };
  const world = await openAskingWorld(
    {
      developer: (request, turn) => {
        if (turn === 0) return ask();
        if (turn > 1) return say('done');
        const isLocal = toldSoFar(request).includes("Export the patient's local time");
        return write(`zone-${request.seat.item}.txt`, isLocal ? 'local\n' : 'UTC\n');
      },
    },
    { flow: 'solo', change: (context) => ({ ...context, clock }) },
  );
  return {
    ...world,
    /** By the workers' clock; the database's stands still, so the mesh is woken by hand. */
    async advance(ms: number) {
      time.aheadMs += ms;
      const post = { stream: streamId('mesh', 'test'), id: newId(), kind: 'wake', actor: 'test', data: {} };
      await world.journal.post('test', post);
    },
  };
};

it('sends back what has not landed, and opens a new item for what has', async () => {
  const world = await openWorld();
  await world.add('# Export\n\nExport it.');
  await world.run();
  await world.advance(61 * 60_000);
  await world.run();
  expect((await world.question(1))?.status).toBe('defaulted');
  await world.accept(1);
  await world.add('# Print\n\nPrint it.');
  await world.run();
  expect([(await world.item(1)).status, (await world.item(2)).status]).toEqual(['landed', 'ready']);
  expect(await world.git('show', 'main:zone-1.txt')).toBe('UTC');

  expect(await world.say('Q-1', '2')).toContain('overturned');
  await dieAfter(world, 'item.added');
  await world.run();
  const { records } = await readMemory(world.journal, 'test');
  expect([...records.values()].map(({ id, status, statement }) => [id, status, statement])).toEqual([
    ['D-1', 'superseded', 'Export UTC with a timezone label'],
    ['D-2', 'active', "Export the patient's local time"],
  ]);
  const back = await world.item(2);
  expect(back.status).toBe('ready');
  expect((await world.events(2)).map(({ kind }) => kind)).toContain('item.overturned');
  const file = { cwd: world.context.mirror.dir, args: ['show', 'mesh/2:zone-2.txt'] };
  expect(await readGit(file)).toBe('local');

  const rework = await world.item(3);
  expect(rework).toMatchObject({ title: 'Export: after D-2', status: 'ready' });
  const brief = await readTextBlob(world.journal, rework.brief);
  for (const said of [
    'Item 1 (Export) has landed',
    'Export UTC with a timezone label',
    "Export the patient's local time",
  ])
    expect(brief).toContain(said);
  await expect(world.item(4)).rejects.toThrow();
});

it('what is landing meanwhile lands, and a new item puts it right', async () => {
  const world = await openWorld();
  await world.add('# Export\n\nExport it.');
  await world.run();
  await world.advance(61 * 60_000);
  await world.run();
  // Something blocks the cluster, so that the landing is under way for as long as this takes.
  const { journal, context } = world;
  await askIn({ journal, stakeholders: alwaysThere, nowMs: context.clock.now() }, 'compliance_question');
  await world.accept(1);
  expect((await world.item(1)).status).toBe('landing');
  expect(await world.say('Q-1', '2')).toContain('overturned');
  await world.run();
  expect(await world.item(1)).toMatchObject({ status: 'landing', overturned: [{ supersededBy: 'D-2' }] });

  await world.say('Q-2', '1', '@compliance-team');
  await dieAfter(world, 'item.added');
  await world.run();
  expect((await world.item(1)).status).toBe('landed');
  expect(await world.item(2)).toMatchObject({ title: 'Export: after D-2', status: 'ready' });
  await expect(world.item(3)).rejects.toThrow();
});

it('who was faster than the record of the default is heard by whoever was told the default', async () => {
  const world = await openWorld();
  await world.add('# Export\n\nExport it.');
  await world.run();
  await world.advance(61 * 60_000);
  await dieAfter(world, 'question.defaulted');
  expect(await world.say('Q-1', '2')).toContain('overturned');
  await world.run();
  const { records } = await readMemory(world.journal, 'test');
  expect([...records.values()].map(({ id, status }) => [id, status])).toEqual([
    ['D-1', 'superseded'],
    ['D-2', 'active'],
  ]);
  const heard = (await world.events(1)).filter(({ kind }) => kind === 'item.overturned');
  expect(heard).toMatchObject([{ data: { decision: 'D-1', supersededBy: 'D-2' } }]);
  expect((await world.item(1)).status).toBe('ready');
});

it('left to the agent’s judgment after the default nothing changes, and the person is told what would', async () => {
  const world = await openWorld();
  await world.add('# Export\n\nExport it.');
  await world.run();
  await world.advance(61 * 60_000);
  await world.run();
  expect(await world.say('Q-1', 'use your judgment')).toContain(
    'answer with an option or in words to change it',
  );
  await world.run();
  const { records } = await readMemory(world.journal, 'test');
  expect([...records.values()].map(({ status }) => status)).toEqual(['active']);
  expect(await world.question(1)).toMatchObject({ status: 'defaulted', refused: [{ why: 'late' }] });
});

it('confirmed by the same option opens nothing', async () => {
  const world = await openWorld();
  await world.add('# Export\n\nExport it.');
  await world.run();
  await world.advance(61 * 60_000);
  await world.run();
  await world.accept(1);
  expect(await world.say('Q-1', '1')).toContain('confirmed');
  await world.run();
  expect((await readMemory(world.journal, 'test')).records.size).toBe(1);
  await expect(world.item(2)).rejects.toThrow();
});
