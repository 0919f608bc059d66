/**
 * A child process of the simulator's long runs: runs ranges of seeds and tells what came of each. With a planted bug's name as its
 * argument it runs the product with that bug.
 */
import { serveOrders } from '../serve-orders.ts';
import { plantBug } from './plant-bug.ts';
import { plantedBugs } from './planted-bugs.ts';

export interface SeedRange {
  from: number;
  /** The last one. */
  to: number;
  /** Stop at the first broken promise. */
  isFirstOnly: boolean;
}

export interface RangeOutcome {
  range: SeedRange;
  eventCounts: number[];
  stepCount: number;
  coverage: Record<string, number>;
  failures: { seed: number; invariant: string; message: string }[];
}

const [bugName] = process.argv.slice(2);
const bug = plantedBugs.find(({ name }) => name === bugName);
if (bugName !== undefined && !bug) throw new Error(`there is no planted bug ${bugName}`);
if (bug) plantBug(bug);
const { drawPlan } = await import('../../src/simulate/draw-plan.ts');
const { runPlan } = await import('../../src/simulate/run-plan.ts');
const { addCoverage } = await import('../../src/simulate/coverage.ts');

serveOrders(runRange);

async function runRange(range: SeedRange): Promise<RangeOutcome> {
  const outcome: RangeOutcome = { range, eventCounts: [], stepCount: 0, coverage: {}, failures: [] };
  for (let seed = range.from; seed <= range.to; seed += 1) {
    const { history, violations, coverage, stepCount } = await runPlan(drawPlan(seed));
    outcome.eventCounts.push(history.length);
    outcome.stepCount += stepCount;
    addCoverage(outcome.coverage, coverage);
    const [violation] = violations;
    if (!violation) continue;
    const { invariant, message } = violation;
    outcome.failures.push({ seed, invariant, message });
    if (range.isFirstOnly) break;
  }
  return outcome;
}
