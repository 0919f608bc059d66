import { expect, test } from 'vitest';
import type { Flow } from '../teams/team.ts';
import { reduceItem } from './advance.ts';
import { describeProgress } from './describe-progress.ts';
import type { ItemEvent } from './item-event.ts';
import { openingEvents } from './play-item-contract.ts';

const onFail = { backTo: 'plan', atMost: 1, thenAsk: 'engineering_lead' };
const draft = { reads: [], commits: false };
const flow: Flow = {
  name: 'f',
  description: '',
  phases: [
    {
      name: 'plan',
      body: {
        kind: 'sequence',
        steps: [{ name: 'planner', role: 'planner', writes: ['plan.json'], ...draft }],
      },
      gates: [{ kind: 'artifact', artifact: 'plan.json', schema: 'plan' }],
      onFail,
      submits: false,
    },
    {
      name: 'build',
      body: {
        kind: 'each',
        artifact: 'plan.json',
        pointer: '/tasks',
        steps: [{ name: 'dev', role: 'dev', writes: [], ...draft }],
      },
      gates: [{ kind: 'commands', checks: null }],
      onFail,
      submits: false,
    },
    { name: 'ship', body: { kind: 'none' }, gates: [], onFail, submits: true },
  ],
};
const plan = {
  summary: '',
  tasks: ['A', 'B'].map((id) => ({ id, title: `task ${id}`, instructions: '', after: [] })),
};
const opening = openingEvents({ flow, plan, hasOwnPlan: true, seats: {}, stepAttempts: 1 });
const inBuild: ItemEvent[] = [
  ...opening,
  { kind: 'phase.entered', data: { phase: 'plan', round: 1, findings: [] } },
  { kind: 'phase.entered', data: { phase: 'build', round: 1, findings: [] } },
  {
    kind: 'step.started',
    data: { step: 'build/A/dev', role: 'dev', task: 'A', attempt: 1, agent: 'agent:x', base: 'c0' },
  },
];
const inShort = (events: ItemEvent[]) =>
  describeProgress(reduceItem(events), flow, { plan }).map((phase) => [
    `${phase.name} ${phase.status}`,
    ...phase.steps.map((step) => `${step.key} ${step.status}${step.task ? ` (${step.task.title})` : ''}`),
    ...phase.gates.map((gate) => `${gate.label}: ${gate.status}`),
  ]);

test('shows done, running and coming phases with their steps and gates', () => {
  expect(inShort(inBuild)).toEqual([
    ['plan done', 'plan/planner skipped', 'plan.json is a plan: passed'],
    ['build running', 'build/A/dev running (task A)', 'build/B/dev todo (task B)', 'checks: todo'],
    ['ship todo'],
  ]);
});

test('shows everything to do before the start and everything done at the end', () => {
  expect(inShort(opening.slice(0, 1)).map(([line]) => line)).toEqual([
    'plan todo',
    'build todo',
    'ship todo',
  ]);
  const through: ItemEvent[] = [
    ...inBuild,
    {
      kind: 'step.finished',
      data: { step: 'build/A/dev', attempt: 1, summary: '', artifacts: {}, commit: 'c1', costMicroUsd: 0 },
    },
    { kind: 'phase.entered', data: { phase: 'ship', round: 1, findings: [] } },
    { kind: 'item.ready', data: { commit: 'c1' } },
  ];
  expect(inShort(through).map(([line]) => line)).toEqual(['plan done', 'build done', 'ship done']);
});
