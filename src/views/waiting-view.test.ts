import { expect, it } from 'vitest';
import { minuteMs, startMs } from '../../test/questions/asked.ts';
import { askInJournal } from '../../test/questions/asked-in-journal.ts';
import { alwaysThere } from '../../test/questions/people.ts';
import { meshScope } from '../controls/control-scope.ts';
import type { ItemRow } from './status-view.ts';
import { viewWaiting } from './waiting-view.ts';

const item: ItemRow = {
  number: 1,
  title: 'Export orders',
  status: 'running',
  phase: 'build',
  round: 1,
  running: [],
  note: null,
  spentMicroUsd: 0,
  ceilingMicroUsd: null,
  pauseReason: null,
  waitsFor: [],
  isParked: false,
  control: null,
  readyCommit: null,
  landedCommit: null,
  unmetered: [],
};

const facts = { stakeholders: alwaysThere, reader: '@tess', timeZone: 'UTC' };

it('lists what stops a cluster first, then by the time at which something follows, and counts what is overdue', async () => {
  const { journal, project, ask } = askInJournal(alwaysThere);
  await ask(0, 'gtm_dependency');
  await ask(1, 'brand_question');
  await ask(2, 'requirement_ambiguity');
  await ask(50, 'compliance_question');
  const nowMs = startMs + 65 * minuteMs;
  const waiting = await viewWaiting(journal, project, {
    ...facts,
    nowMs,
    items: [{ ...item, isParked: true }],
  });
  expect(waiting).toMatchObject({ questionCount: 4, approvalCount: 0, parkedCount: 1, overdueCount: 1 });
  expect(waiting.rows.map(({ name, whom, isOverdue, command }) => [name, whom, isOverdue, command])).toEqual([
    ['Q-4', '@compliance-team', false, 'meshwright answer Q-4 <1–3>'],
    ['Q-3', '@sarah-pm', true, 'meshwright answer Q-3 <1–3>'],
    ['Q-1', '@marketing-ops', false, 'meshwright answer Q-1 <1–3>'],
    ['Q-2', null, false, 'meshwright answer Q-2 <1–3>'],
  ]);
});

it('leaves out what is settled', async () => {
  const { journal, project, ask, say } = askInJournal(alwaysThere);
  const number = await ask(0, 'requirement_ambiguity');
  await say(5, number, { kind: 'question.withdrawn', data: { why: 'the item is gone' } });
  const waiting = await viewWaiting(journal, project, { ...facts, nowMs: startMs, items: [] });
  expect(waiting).toMatchObject({ questionCount: 0, rows: [] });
});

it.each<[string, Partial<ItemRow>, string | undefined]>([
  ['is ready', { status: 'ready' }, 'meshwright diff 1, then meshwright accept 1'],
  [
    'met a ceiling',
    { status: 'paused', pauseReason: 'ceiling' },
    'meshwright resume 1 --ceiling-usd <amount>',
  ],
  ['failed too often', { status: 'paused', pauseReason: 'attempts' }, 'meshwright resume 1'],
  ['is with a person', { status: 'taken_over' }, 'meshwright handback 1'],
  ['is at work', {}, undefined],
  ['has landed', { status: 'landed' }, undefined],
])('says what to type for an item that %s', async (_, state, command) => {
  const { journal, project } = askInJournal(alwaysThere);
  const items = [{ ...item, ...state }];
  const { rows } = await viewWaiting(journal, project, { ...facts, nowMs: startMs, items });
  expect(rows[0]?.command).toBe(command);
});

it('says who holds an item that a person paused, and lets the question speak for one that it blocks', async () => {
  const { journal, project } = askInJournal(alwaysThere);
  const control = {
    scope: meshScope,
    state: 'paused',
    by: 'sarah',
    holder: null,
    why: null,
    at: '',
  } as const;
  const rowsOf = async (held: ItemRow['control']) =>
    (await viewWaiting(journal, project, { ...facts, nowMs: startMs, items: [{ ...item, control: held }] }))
      .rows;
  expect(await rowsOf(control)).toMatchObject([{ name: '#1', command: 'meshwright resume mesh' }]);
  expect(await rowsOf({ ...control, holder: 'Q-1' })).toEqual([]);
});
