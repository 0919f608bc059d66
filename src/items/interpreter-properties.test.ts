/** Random flows × random plans × random outcomes, with a look at every state on the way. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { advance, initialItem, reduceItem } from './advance.ts';
import { decide } from './decide.ts';
import { findMisplacement } from './find-misplacement.ts';
import { inFlight } from './in-flight.ts';
import {
  expectBounds,
  expectDependenciesFirst,
  expectFiniteEvents,
  expectNothingIdle,
  expectSeatsKept,
  expectUniqueAgents,
  expectWayOn,
  settlesIn,
} from './interpreter-contract.ts';
import type { ItemEvent } from './item-event.ts';
import { deepFreeze, drive, factsOf, type Outcome, type Outside } from './play-item-contract.ts';
import { mixedArb, worldArb } from './random-world-contract.ts';

const calm: Omit<Outside, 'outcomes' | 'gatePasses' | 'resumesAtMost'> = {
  choose: () => 0,
  landings: ['landed'],
  isRestless: false,
};

const numRuns = 400;

describe('an item under any flow, plan and outcome', () => {
  test('always has a way on, also with a plan whose tasks wait for each other', () => {
    fc.assert(
      fc.property(worldArb(true), mixedArb, (world, outside) => {
        // With such a plan resuming only asks the planner again; success on the tape's end would never come.
        let looks = 0;
        try {
          drive(world, outside, {
            inspect: (state, facts) => {
              expectWayOn(state, world, facts);
              if (++looks > 300) throw stop;
            },
          });
        } catch (error) {
          if (error !== stop) throw error;
        }
      }),
      { numRuns },
    );
  });

  test('ends when people go on answering, within its bounds, never idle, never over its seats', () => {
    fc.assert(
      fc.property(worldArb(), mixedArb, (world, outside) => {
        const { events } = drive(world, outside, {
          inspect: (state) => {
            expectSeatsKept(state, world);
            expectNothingIdle(state, world);
          },
        });
        expectBounds(events, world);
        expectFiniteEvents(events, world);
        expectDependenciesFirst(events, world);
        expectUniqueAgents(events);
      }),
      { numRuns },
    );
  });

  test('stays within its bounds when everything fails, however often it is resumed', () => {
    const failures = fc.constantFrom<Outcome>('turn_limit', 'interrupted', 'ceiling', 'internal');
    fc.assert(
      fc.property(
        worldArb(true),
        failures,
        fc.nat(3),
        fc.boolean(),
        (world, failure, resumesAtMost, doStepsWork) => {
          const outcomes: Outcome[] = [doStepsWork ? 'done' : failure];
          const { events, state } = drive(world, { ...calm, outcomes, gatePasses: [false], resumesAtMost });
          expectBounds(events, world);
          expectFiniteEvents(events, world);
          expect(['canceled', 'landed']).toContain(state.status);
        },
      ),
      { numRuns },
    );
  });

  test('reaches ready without a person when all effects succeed', () => {
    fc.assert(
      fc.property(worldArb(), (world) => {
        const outside: Outside = { ...calm, outcomes: ['done'], gatePasses: [true], resumesAtMost: 0 };
        const { events, state } = drive(world, outside, { until: 'ready' });
        expect(state.status).toBe('ready');
        expect(
          events.filter((event) => event.kind === 'item.paused' || event.kind === 'item.sent_back'),
        ).toEqual([]);
      }),
      { numRuns },
    );
  });

  test('folds again to the same state with the same effects in flight, at every moment of a crash', () => {
    fc.assert(
      fc.property(worldArb(), mixedArb, (world, outside) => {
        const { events } = drive(world, outside);
        let state = initialItem;
        for (const [index, event] of events.entries()) {
          state = advance(state, event);
          if (index % 7 !== 0 && index !== events.length - 1) continue;
          const stored = JSON.parse(JSON.stringify(events.slice(0, index + 1))) as ItemEvent[];
          const refolded = reduceItem(stored);
          expect(refolded).toEqual(state);
          expect(inFlight(refolded, world.flow)).toEqual(inFlight(state, world.flow));
        }
      }),
      { numRuns: 150 },
    );
  });

  test('decides the same twice, has nothing more to say once that is folded, and starts nothing that runs', () => {
    fc.assert(
      fc.property(worldArb(), mixedArb, (world, outside) => {
        const { events } = drive(world, outside);
        let state = initialItem;
        for (const event of events) {
          state = deepFreeze(advance(state, event));
          const facts = factsOf(world, state);
          const decided = decide(state, world.flow, facts);
          expect(decide(state, world.flow, facts)).toEqual(decided);
          const settled = settlesIn(state, world, facts);
          expect(decide(settled, world.flow, facts)).toEqual([]);
          for (const start of decided) {
            if (start.kind !== 'step.started' || state.phase?.name !== start.data.step.split('/')[0])
              continue;
            expect(state.phase?.steps[start.data.step]?.status).not.toBe('running');
          }
          if (state.status !== 'running') expect(decided).toEqual([]);
        }
      }),
      { numRuns: 150 },
    );
  });

  test('refuses every result that comes a second time', () => {
    fc.assert(
      fc.property(worldArb(), mixedArb, (world, outside) => {
        const { events } = drive(world, outside);
        let state = initialItem;
        for (const event of events) {
          state = advance(state, event);
          if (event.kind === 'item.routed' || event.kind === 'item.message_ignored') continue;
          expect(findMisplacement(state, event), event.kind).not.toBeNull();
          expect(() => advance(state, event)).toThrow(/cannot take/);
        }
      }),
      { numRuns: 100 },
    );
  });
});

const stop = new Error('looked often enough');
