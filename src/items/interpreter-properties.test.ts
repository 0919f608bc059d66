/** Random flows × random plans × random outcomes, with a look at every state on the way. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Plan } from '../artifacts/plan.ts';
import type { Flow, Phase, PhaseBody, Step } from '../teams/team.ts';
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
import { deepFreeze, drive, factsOf, type Outcome, type Outside, type World } from './play-item-contract.ts';

const roles = ['planner', 'developer', 'tester'];

const stepsArb = (writes: fc.Arbitrary<string[]>): fc.Arbitrary<Step[]> =>
  fc
    .array(fc.record({ role: fc.constantFrom(...roles), writes, commits: fc.boolean() }), {
      minLength: 1,
      maxLength: 3,
    })
    .map((drafts) =>
      drafts.map((draft, index) => ({ name: `${draft.role}-${index + 1}`, reads: [], ...draft })),
    );

const bodyArb: fc.Arbitrary<PhaseBody> = fc
  .tuple(
    fc.constantFrom(
      'none' as const,
      'sequence' as const,
      'parallel' as const,
      'each' as const,
      'each' as const,
    ),
    stepsArb(fc.constantFrom([], [], ['plan.json'], ['verdict.json'])),
  )
  .map(([kind, steps]) => {
    if (kind === 'none') return { kind };
    return kind === 'each' ? { kind, artifact: 'plan.json', pointer: '/tasks', steps } : { kind, steps };
  });

const planner: Step = { name: 'planner', role: 'planner', reads: [], writes: ['plan.json'], commits: false };
const builder: Step = { name: 'builder', role: 'developer', reads: [], writes: [], commits: true };

/** The first phase writes the plan, one works on it and commits, the last submits; between them anything. */
const flowArb: fc.Arbitrary<Flow> = fc
  .tuple(
    fc.array(
      fc.record({
        body: bodyArb,
        gateCount: fc.nat(2),
        backTo: fc.nat(5),
        atMost: fc.nat(2),
      }),
      { minLength: 3, maxLength: 5 },
    ),
    fc.nat(3),
  )
  .map(([drafts, buildAt]) => {
    const middle = 1 + (buildAt % (drafts.length - 2));
    const phases = drafts.map((draft, index): Phase => {
      const isLast = index === drafts.length - 1;
      let body: PhaseBody = isLast ? { kind: 'none' } : draft.body;
      if (index === 0) body = { kind: 'sequence', steps: [planner] };
      if (index === middle)
        body = { kind: 'each', artifact: 'plan.json', pointer: '/tasks', steps: [builder] };
      return {
        name: `p${index}`,
        body,
        gates: Array.from({ length: draft.gateCount }, () => ({ kind: 'commands' as const, checks: null })),
        onFail: {
          backTo: `p${draft.backTo % (index + 1)}`,
          atMost: draft.atMost,
          thenAsk: 'engineering_lead',
        },
        submits: isLast,
      };
    });
    return { name: 'random', description: '', phases };
  });

const planArb = (mayBeCyclic: boolean): fc.Arbitrary<Plan> =>
  fc.array(fc.array(fc.nat(6), { maxLength: 3 }), { minLength: 1, maxLength: 7 }).map((afters) => ({
    summary: '',
    tasks: afters.map((after, index) => ({
      id: `T${index}`,
      title: '',
      instructions: '',
      after: [...new Set(after.map((n) => n % afters.length))]
        .filter((n) => mayBeCyclic || n < index)
        .map((n) => `T${n}`),
    })),
  }));

const worldArb = (mayBeCyclic = false): fc.Arbitrary<World> =>
  fc.record({
    flow: flowArb,
    plan: planArb(mayBeCyclic),
    hasOwnPlan: fc.boolean(),
    seats: fc.record({ developer: fc.integer({ min: 1, max: 3 }), tester: fc.integer({ min: 0, max: 2 }) }),
    stepAttempts: fc.integer({ min: 1, max: 3 }),
  });

/** Choices from a tape; where it ends the first of every list is taken, which is the one that leads on. */
const mixedArb: fc.Arbitrary<Outside> = fc.array(fc.nat(1000), { maxLength: 120 }).map((tape) => {
  let at = 0;
  return {
    choose: (n) => (tape[at++] ?? 0) % n,
    outcomes: ['done', 'done', 'done', 'done', 'ceiling', 'turn_limit', 'interrupted', 'internal'],
    gatePasses: [true, true, false],
    landings: ['landed', 'conflict', 'red', 'target_busy'],
    isRestless: true,
    resumesAtMost: Number.POSITIVE_INFINITY,
  };
});

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
