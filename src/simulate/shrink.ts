/**
 * Makes a failing plan short: takes out faults, acts, briefs and workers one at a time, and keeps every version that still
 * breaks the same promise. What is left is what it takes.
 */
import type { Plan } from './plan.ts';
import { type RunOutcome, runPlan } from './run-plan.ts';

export interface Shrunk {
  outcome: RunOutcome;
  /** Runs that it took. */
  runCount: number;
}

/** @param failed the outcome of a run with a violation. Bounded: at most `mostRuns` runs. */
export async function shrinkPlan(failed: RunOutcome, mostRuns = 200): Promise<Shrunk> {
  const invariant = failed.violations[0]?.invariant;
  let outcome = failed;
  let runCount = 0;
  let isSmaller = invariant !== undefined;
  while (isSmaller && runCount < mostRuns) {
    isSmaller = false;
    for (const candidate of smallerPlans(outcome.plan)) {
      if (runCount >= mostRuns) break;
      runCount += 1;
      const tried = await runPlan(candidate);
      if (tried.violations[0]?.invariant !== invariant) continue;
      outcome = tried;
      isSmaller = true;
      break;
    }
  }
  return { outcome, runCount };
}

/** Each with one thing less, the large things first. */
function* smallerPlans(plan: Plan): Generator<Plan> {
  const { world, items, acts, controls, asks, faults } = plan;
  if (faults.length > 1) yield { ...plan, faults: [] };
  if (acts.length > 1) yield { ...plan, acts: [] };
  if (controls.length > 1) yield { ...plan, controls: [] };
  if (asks) yield { ...plan, asks: null };
  // The last first: without an earlier one, the others are numbered anew.
  if (items.length > 1) {
    for (const index of [...items.keys()].reverse()) yield { ...plan, items: items.toSpliced(index, 1) };
  }
  if (world.workers.length > 1) {
    yield { ...plan, world: { ...world, workers: world.workers.slice(0, -1) } };
  }
  for (const index of faults.keys()) yield { ...plan, faults: faults.toSpliced(index, 1) };
  for (const index of acts.keys()) yield { ...plan, acts: acts.toSpliced(index, 1) };
  for (const index of controls.keys()) yield { ...plan, controls: controls.toSpliced(index, 1) };
  for (const [index, item] of items.entries()) {
    const simpler = { ...item, hasPlan: false, priority: 0, addMs: 0 };
    if (item.taskCount > 1) yield { ...plan, items: items.with(index, { ...item, taskCount: 1 }) };
    if (JSON.stringify(simpler) !== JSON.stringify(item))
      yield { ...plan, items: items.with(index, simpler) };
    if (item.flow !== 'solo') yield { ...plan, items: items.with(index, { ...item, flow: 'solo' }) };
  }
  if (world.carelessness > 0) yield { ...plan, world: { ...world, carelessness: 0 } };
  if (world.baseline !== 'green') yield { ...plan, world: { ...world, baseline: 'green' } };
  if (world.developerSeats > 1) yield { ...plan, world: { ...world, developerSeats: 1 } };
}
