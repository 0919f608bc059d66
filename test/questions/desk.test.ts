/** What the desk does with questions over time, on a real database: asked, reminded, defaulted, answered, remembered. */
import { expect, it } from 'vitest';
import { streamId } from '../../src/journal/event.ts';
import { exportText } from './asked.ts';
import { minuteMs, openDeskWorld, project } from './desk-world.ts';
import { alwaysThere } from './people.ts';

it('an ambiguous requirement is asked of the primary, reminded once, and taken by default at its SLA, flagged', async () => {
  const world = await openDeskWorld({ map: alwaysThere });
  world.work();
  const { askers } = await world.ask('requirement_ambiguity');
  await world.until('it is asked', async () => world.deliveries.length === 1);
  world.advance(31 * minuteMs);
  await world.until('the reminder', async () => world.deliveries.length === 2);
  expect((await world.question(1)).status).toBe('notified');
  world.advance(30 * minuteMs);
  expect(await world.recorded(1)).toMatchObject({
    status: 'defaulted',
    default: { option: 1, asked: ['@sarah-pm'] },
    recorded: { decision: 'D-1' },
  });
  expect((await world.memory()).records.get('D-1')).toMatchObject({
    statement: exportText.options[0]?.label,
    rejected: exportText.options.slice(1).map(({ label }) => label),
    answers: 'requirement_ambiguity',
    scope: 'mesh',
    source: { from: 'question', question: 'Q-1', by: null, isDefault: true },
  });
  const [told] = await world.journal.inbox(streamId('item', project, 3));
  expect(told).toMatchObject({
    kind: 'ask.settled',
    data: { ask: 'Q-1', how: 'defaulted', by: null, call: askers[0]?.call },
  });
  await world.until('the word that it was taken', async () => world.deliveries.length === 3);
  expect(world.deliveries.map(({ notice }) => [notice.about, notice.thread])).toEqual([
    ['ask', null],
    ['ask', 'C1/1'],
    ['update', 'C1/1'],
  ]);
});

it('an answer resumes everybody who asked, and is in memory before it is done with', async () => {
  const world = await openDeskWorld({ map: alwaysThere });
  world.work();
  await world.ask('requirement_ambiguity');
  await world.ask('requirement_ambiguity');
  await world.until('it is asked', async () => (await world.question(1)).status === 'notified');
  expect(await world.say('sarah-pm', 'Q-1', '2, for admins only')).toMatchObject({ isAccepted: true });
  expect(await world.recorded(1)).toMatchObject({ status: 'answered', recorded: { decision: 'D-1' } });
  expect((await world.memory()).records.get('D-1')?.statement).toBe(
    `${exportText.options[1]?.label} (for admins only)`,
  );
  const told = await world.journal.inbox(streamId('item', project, 3));
  expect(told.map(({ data }) => [data.ask, data.how, data.by])).toEqual([
    ['Q-1', 'answered', '@sarah-pm'],
    ['Q-1', 'answered', '@sarah-pm'],
  ]);
  expect(
    await world.journal.streams(project, { prefix: 'question:', claimUnit: streamId('mesh', project) }),
  ).toEqual([]);
});

it('"use your judgment" settles it and leaves nothing in memory', async () => {
  const world = await openDeskWorld({ map: alwaysThere });
  world.work();
  await world.ask('requirement_ambiguity');
  await world.say('@sarah-pm', 'Q-1', 'Use your judgment.');
  expect((await world.recorded(1)).recorded).toEqual({ decision: null });
  expect((await world.memory()).records.size).toBe(0);
});
