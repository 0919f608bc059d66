import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { reduceItem } from './advance.ts';
import { decide } from './decide.ts';
import { type ForkFacts, forkItem } from './fork-item.ts';
import { inFlight } from './in-flight.ts';
import { isFinal } from './is-final.ts';
import type { ItemEvent } from './item-event.ts';
import { drive, factsOf } from './play-item-contract.ts';
import { restlessArb, worldArb } from './random-world-contract.ts';

const own = { from: 1, number: 7, branch: 'mesh/7', team: null, ceilingMicroUsd: 5_000_000 };

function requireForked(facts: ForkFacts) {
  const outcome = forkItem(facts);
  if (!outcome.ok) throw new Error(outcome.message);
  return outcome;
}

describe('a fork of an item, whatever its flow, plan and fortunes', () => {
  test('is at any event where the item was then, with nothing under way and nothing spent, and can go on', () => {
    fc.assert(
      fc.property(worldArb(), restlessArb, fc.nat(), (world, outside, where) => {
        const { events } = drive(world, outside);
        const at = 1 + (where % events.length);
        const then = reduceItem(events.slice(0, at));
        const outcome = forkItem({ ...own, events, at });
        expect(outcome.ok).toBe(!isFinal(then) && then.takeover === null);
        if (!outcome.ok) return;
        const { state } = outcome;
        expect(state).toMatchObject({ number: 7, fork: { from: 1, at }, costMicroUsd: 0 });
        expect(state.artifacts).toEqual(then.artifacts);
        expect(state.head).toBe(then.head);
        expect(state.rounds).toEqual(then.rounds);
        expect(state.status).toBe(then.status === 'landing' ? 'ready' : then.status);
        expect(state.branch).toBe(then.branch === null ? null : 'mesh/7');
        expect(inFlight({ ...state, status: 'running' }, world.flow)).toEqual([]);
        const done = (runs: typeof then) =>
          Object.entries(runs.phase?.steps ?? {}).filter(([, run]) => run.status === 'done');
        expect(done(state).map(([step]) => step)).toEqual(done(then).map(([step]) => step));
        for (const event of decide(state, world.flow, factsOf(world, state))) {
          if (event.kind === 'step.started') expect(event.data.agent).toMatch(/^agent:demo\/7\//);
        }
      }),
      { numRuns: 300, seed: 4 },
    );
  });
});

const added: ItemEvent = {
  kind: 'item.added',
  data: {
    number: 1,
    title: 'Export',
    brief: 'b',
    criteria: [],
    priority: 0,
    tags: [],
    flow: null,
    ceilingMicroUsd: null,
    plan: null,
  },
};
const started: ItemEvent = {
  kind: 'item.started',
  data: {
    team: 't1',
    flow: 'feature',
    base: 'c0',
    branch: 'mesh/1',
    target: 'main',
    ceilingMicroUsd: 2_000_000,
  },
};
const paused: ItemEvent = {
  kind: 'item.paused',
  data: { reason: 'ceiling', message: 'full', ask: 'ada', account: 'item:demo/1', until: null },
};
const resumed: ItemEvent = {
  kind: 'item.resumed',
  data: { by: 'ada', ceilingMicroUsd: 3_000_000, account: null },
};

describe('the money of a fork', () => {
  test('has the ceiling that the item had then, and names none of its accounts', () => {
    const events = [added, started, paused, resumed];
    const ceilingAt = (at: number) =>
      requireForked({ ...own, events, at }).events.find(({ kind }) => kind === 'item.started')?.data;
    expect(ceilingAt(2)).toMatchObject({ ceilingMicroUsd: 2_000_000 });
    expect(ceilingAt(4)).toMatchObject({ ceilingMicroUsd: 3_000_000 });
    expect(JSON.stringify(requireForked({ ...own, events, at: 3 }))).not.toContain('item:demo/1');
  });
});

describe('a fork', () => {
  test('of an item whose work had not begun is a new item with the same brief', () => {
    const { events } = requireForked({ ...own, events: [added, started], at: 1 });
    expect(events.map(({ kind }) => kind)).toEqual(['item.added', 'item.forked']);
  });

  test('may have another team', () => {
    const { state } = requireForked({ ...own, events: [added, started], at: 2, team: 't2' });
    expect(state.team).toBe('t2');
  });

  test('is refused beyond the events that there are', () => {
    for (const at of [0, 3]) {
      expect(forkItem({ ...own, events: [added, started], at })).toEqual({
        ok: false,
        message: 'item 1 has events 1 to 2',
      });
    }
  });
});
