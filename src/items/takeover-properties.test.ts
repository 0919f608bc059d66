/** Random flows and courses of events in which persons take items over and hand them back, again and again. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { advance, initialItem, reduceItem } from './advance.ts';
import { inFlight } from './in-flight.ts';
import {
  expectBounds,
  expectDependenciesFirst,
  expectFiniteEvents,
  expectHandbacksJudged,
  expectNothingIdle,
  expectUniqueAgents,
  expectWayOn,
} from './interpreter-contract.ts';
import type { ItemEvent } from './item-event.ts';
import { drive } from './play-item-contract.ts';
import { restlessArb, worldArb } from './random-world-contract.ts';

const numRuns = 300;

test('an item that is taken over and handed back ends within its bounds, checked, and always with a way on', () => {
  fc.assert(
    fc.property(worldArb(), restlessArb, (world, outside) => {
      const { events } = drive(world, outside, {
        inspect: (state, facts) => {
          expectWayOn(state, world, facts);
          expectNothingIdle(state, world);
          if (state.status === 'taken_over') expect(inFlight(state, world.flow)).toEqual([]);
        },
      });
      expectBounds(events, world);
      expectFiniteEvents(events, world);
      expectDependenciesFirst(events, world);
      expectUniqueAgents(events);
      expectHandbacksJudged(events, world);
    }),
    { numRuns },
  );
});

test('the random courses hold every way to take an item over and to hand it back', () => {
  const counts = { takenOver: 0, withCommit: 0, withNote: 0, unchanged: 0, reopened: 0 };
  // One seed: how often a rare way comes up is a matter of chance, and this is about the generator.
  for (const [world, outside] of fc.sample(fc.tuple(worldArb(), restlessArb), { numRuns, seed: 1 })) {
    for (const event of drive(world, outside).events) count(counts, event);
  }
  for (const [what, seen] of Object.entries(counts)) expect(seen, what).toBeGreaterThan(numRuns / 10);
});

test('what was taken over and handed back folds to the same again, at every moment of a crash', () => {
  fc.assert(
    fc.property(worldArb(), restlessArb, (world, outside) => {
      const { events } = drive(world, outside);
      let state = initialItem;
      for (const [index, event] of events.entries()) {
        state = advance(state, event);
        if (!['item.taken_over', 'item.handed_back', 'phase.reopened'].includes(event.kind)) continue;
        const stored = JSON.parse(JSON.stringify(events.slice(0, index + 1))) as ItemEvent[];
        expect(reduceItem(stored)).toEqual(state);
        expect(() => advance(state, event), event.kind).toThrow(/cannot take/);
      }
    }),
    { numRuns: 100 },
  );
});

function count(counts: Record<string, number>, event: ItemEvent): void {
  const add = (what: string) => {
    counts[what] = (counts[what] ?? 0) + 1;
  };
  if (event.kind === 'item.taken_over') add('takenOver');
  if (event.kind === 'phase.reopened') add('reopened');
  if (event.kind !== 'item.handed_back') return;
  const { commit, note } = event.data;
  add(commit !== null ? 'withCommit' : note !== null ? 'withNote' : 'unchanged');
}
