/** Runs the product with one guard taken out until a seed shows it: it breaks a promise that the whole product keeps there. */
import { drawPlan } from '../../src/simulate/draw-plan.ts';
import { runPlan } from '../../src/simulate/run-plan.ts';
import type { RangeOutcome } from './child.ts';
import type { PlantedBug } from './plant-bug.ts';
import { runRanges, splitSeeds } from './run-ranges.ts';

export interface BugFinding {
  name: string;
  guard: string;
  /** The lowest seed that showed it; null: none did. */
  seed: number | null;
  /** The promise that it broke. */
  invariant: string | null;
  message: string | null;
  seedCount: number;
}

const rangeSize = 20;

/** @throws when the bug's edits do not fit the sources any more, or on abort. */
export async function findPlantedBug(
  { name, guard }: PlantedBug,
  options: { mostSeeds: number; processes: number; signal: AbortSignal },
): Promise<BugFinding> {
  const shown: RangeOutcome['failures'] = [];
  let seedCount = 0;
  let from = 1;
  for (let size = rangeSize * options.processes; from <= options.mostSeeds; size *= 2) {
    const to = Math.min(options.mostSeeds, from + size - 1);
    await runRanges({
      ranges: splitSeeds(from, to, rangeSize, true),
      processes: options.processes,
      bug: name,
      signal: options.signal,
      onRange: ({ eventCounts, failures }) => {
        seedCount += eventCounts.length;
        shown.push(...failures);
        return shown.length === 0;
      },
    });
    for (const { seed, invariant, message } of shown.splice(0).sort((a, b) => a.seed - b.seed)) {
      if (await isWholeProductFine(seed)) return { name, guard, seed, invariant, message, seedCount };
    }
    from = to + 1;
  }
  return { name, guard, seed: null, invariant: null, message: null, seedCount };
}

async function isWholeProductFine(seed: number): Promise<boolean> {
  return (await runPlan(drawPlan(seed))).violations.length === 0;
}
