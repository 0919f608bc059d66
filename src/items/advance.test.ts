import { describe, expect, test } from 'vitest';
import { advance, initialItem, reduceItem } from './advance.ts';
import { findMisplacement } from './find-misplacement.ts';
import type { ItemEvent } from './item-event.ts';
import { openingEvents } from './play-item-contract.ts';

const world = {
  flow: { name: 'f', description: '', phases: [] },
  plan: { summary: '', tasks: [] },
  hasOwnPlan: true,
  seats: {},
  breaker: 1,
};
const [added, routed, started] = openingEvents(world) as [ItemEvent, ItemEvent, ItemEvent];
const entered: ItemEvent = { kind: 'phase.entered', data: { phase: 'build', round: 1, findings: [] } };
const seated: ItemEvent = {
  kind: 'step.started',
  data: { step: 'build/dev', role: 'dev', task: null, attempt: 1, agent: 'agent:x', base: 'c0' },
};
const finished: ItemEvent = {
  kind: 'step.finished',
  data: { step: 'build/dev', attempt: 1, summary: '', artifacts: {}, commit: 'c1', costMicroUsd: 0 },
};
const failed: ItemEvent = {
  kind: 'step.failed',
  data: { step: 'build/dev', attempt: 1, reason: 'internal', message: '', findings: [], costMicroUsd: 0 },
};
const gateStarted: ItemEvent = {
  kind: 'gate.started',
  data: { phase: 'build', round: 1, gate: 0, commit: 'c1' },
};
const ready: ItemEvent = { kind: 'item.ready', data: { commit: 'c1' } };
const canceled: ItemEvent = { kind: 'item.canceled', data: { by: 'ada', reason: '' } };
const paused: ItemEvent = {
  kind: 'item.paused',
  data: { reason: 'person', message: '', ask: 'ada', account: null, until: null },
};
const resumed: ItemEvent = {
  kind: 'item.resumed',
  data: { by: 'ada', ceilingMicroUsd: 9, account: null },
};
const accepted: ItemEvent = { kind: 'item.accepted', data: { commit: 'c1', by: 'ada' } };
const landed: ItemEvent = { kind: 'item.landed', data: { commit: 'm1', target: 'main' } };

const begun = [added, routed, started, entered];

describe('the fold', () => {
  test('knows the person’s plan as an artifact from the start', () => {
    expect(reduceItem([added])).toMatchObject({ artifacts: { 'plan.json': 'own-plan' }, status: 'queued' });
  });

  test('starts the branch at the base and moves its head with commits', () => {
    expect(reduceItem(begun)).toMatchObject({ base: 'c0', head: 'c0', status: 'running' });
    expect(reduceItem([...begun, seated, finished])).toMatchObject({ base: 'c0', head: 'c1' });
  });

  test('takes what was running as it ends during a pause', () => {
    const state = reduceItem([...begun, seated, paused, finished]);
    expect(state).toMatchObject({ status: 'paused', head: 'c1' });
  });

  test('holds a queued item and lets it queue again', () => {
    expect(reduceItem([added, paused]).status).toBe('paused');
    expect(reduceItem([added, paused, resumed])).toMatchObject({ status: 'queued', ceilingMicroUsd: 9 });
  });

  test('changes nothing but the count for an ignored message, also at the end', () => {
    const note: ItemEvent = { kind: 'item.message_ignored', data: { message: 'm', reason: 'late' } };
    const before = reduceItem([added, canceled]);
    expect(advance(before, note)).toEqual({ ...before, eventCount: 3 });
  });
});

const misplaced: [string, ItemEvent[], ItemEvent, RegExp][] = [
  ['anything before the brief', [], entered, /never added/],
  ['a second brief', [added], added, /added before/],
  ['a second start', [added, routed, started], started, /it is running/],
  ['routing of begun work', [added, routed, started], routed, /has begun/],
  ['a phase before the start', [added], entered, /it is queued/],
  [
    'a phase over running steps',
    [...begun, seated],
    { kind: 'phase.entered', data: { phase: 'ship', round: 1, findings: [] } },
    /still running/,
  ],
  [
    'a phase over failed steps',
    [...begun, seated, failed],
    { kind: 'phase.entered', data: { phase: 'ship', round: 1, findings: [] } },
    /has failed/,
  ],
  [
    'a wrong round',
    begun,
    { kind: 'phase.entered', data: { phase: 'ship', round: 2, findings: [] } },
    /round 1 of ship is next/,
  ],
  [
    'a step of another phase',
    begun,
    { ...seated, data: { ...seated.data, step: 'plan/dev' } } as ItemEvent,
    /its phase is build/,
  ],
  ['a step that runs', [...begun, seated], seated, /the step is running/],
  ['a step that is done', [...begun, seated, finished], seated, /the step is done/],
  [
    'a skipped attempt',
    begun,
    { ...seated, data: { ...seated.data, attempt: 2 } } as ItemEvent,
    /attempt 1 is next/,
  ],
  ['a step at the gates', [...begun, gateStarted], seated, /at its gates/],
  ['a result that was not asked for', begun, finished, /was not started/],
  ['a second result', [...begun, seated, finished], failed, /the step is done/],
  [
    'a result of an earlier attempt',
    [...begun, seated, failed, { ...seated, data: { ...seated.data, attempt: 2 } } as ItemEvent],
    finished,
    /attempt 2 is running/,
  ],
  [
    'a gate out of order',
    begun,
    { ...gateStarted, data: { ...gateStarted.data, gate: 1 } } as ItemEvent,
    /gate 0 is next/,
  ],
  ['a gate while a step runs', [...begun, seated], gateStarted, /still running/],
  ['ready with another commit', begun, ready, /its head is c0/],
  [
    'accepting another commit',
    [...begun, seated, finished, ready],
    { kind: 'item.accepted', data: { commit: 'c0', by: 'ada' } },
    /c1 is ready/,
  ],
  ['a landing without a yes', [...begun, seated, finished, ready], landed, /it is ready/],
  [
    'a phase over a refused landing',
    [
      ...begun,
      seated,
      finished,
      ready,
      accepted,
      { kind: 'item.landing_refused', data: { reason: 'red', findings: [], onto: null } },
    ],
    { kind: 'phase.entered', data: { phase: 'ship', round: 1, findings: [] } },
    /landing was refused/,
  ],
  ['a cancel during a landing', [...begun, seated, finished, ready, accepted], canceled, /it is landing/],
  ['a result after the cancel', [...begun, seated, canceled], finished, /it is canceled/],
  ['a pause of what is over', [added, canceled], paused, /it is canceled/],
  ['a resume of what runs', begun, resumed, /it is running/],
  [
    'a kind that nobody knows',
    begun,
    { kind: 'item.exploded', data: {} } as unknown as ItemEvent,
    /kind is unknown/,
  ],
];

describe('an event out of place', () => {
  test.each(misplaced)('stops the fold: %s', (_, history, event, reason) => {
    const state = reduceItem(history);
    expect(findMisplacement(state, event)).toMatch(reason);
    expect(() => advance(state, event)).toThrow(
      expect.objectContaining({ code: 'item_event_out_of_place', message: expect.stringMatching(reason) }),
    );
  });

  test('is named together with the item and its state', () => {
    const state = reduceItem(begun);
    expect(() => advance(state, finished)).toThrow(
      'item 7 (running, 4 events) cannot take step.finished build/dev: the step was not started',
    );
    expect(() => advance(initialItem, finished)).toThrow(/never added/);
  });
});
