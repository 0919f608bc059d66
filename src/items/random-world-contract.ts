/** Random flows, plans and courses of events, for the property tests of the interpreter. */
import fc from 'fast-check';
import type { Plan } from '../artifacts/plan.ts';
import type { Flow, Phase, PhaseBody, Step } from '../teams/team.ts';
import type { Outside, World } from './play-item-contract.ts';

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

export const worldArb = (mayBeCyclic = false): fc.Arbitrary<World> =>
  fc.record({
    flow: flowArb,
    plan: planArb(mayBeCyclic),
    hasOwnPlan: fc.boolean(),
    seats: fc.record({ developer: fc.integer({ min: 1, max: 3 }), tester: fc.integer({ min: 0, max: 2 }) }),
    breaker: fc.integer({ min: 1, max: 3 }),
  });

/** Choices from a tape; where it ends the first of every list is taken, which is the one that leads on. */
function tapeArb(length: fc.ArrayConstraints): fc.Arbitrary<Outside> {
  return fc.array(fc.nat(1000), length).map((tape) => {
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
}

export const mixedArb = tapeArb({ maxLength: 120 });
/** Long enough for persons to step in several times. */
export const restlessArb = tapeArb({ minLength: 100, maxLength: 400, size: 'max' });
