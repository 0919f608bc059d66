/** Runs many seeds in child processes, a range at a time: whoever is free gets the next one. */
import path from 'node:path';
import { runInChildren } from '../run-in-children.ts';
import type { RangeOutcome, SeedRange } from './child.ts';

export interface RunRangesOptions {
  ranges: readonly SeedRange[];
  processes: number;
  /** Name of a planted bug; null: the product as it is. */
  bug: string | null;
  /** Called after every range. False: no further range is begun. */
  onRange: (outcome: RangeOutcome) => boolean;
  signal: AbortSignal;
}

/** Resolves when every range that was begun has ended, and the children with them. @throws when a child fails, or on abort. */
export function runRanges({ ranges, processes, bug, onRange, signal }: RunRangesOptions): Promise<void> {
  return runInChildren({
    program: path.join(import.meta.dirname, 'child.ts'),
    args: bug === null ? [] : [bug],
    execArgv: ['--max-semi-space-size=32'],
    orders: ranges,
    processes,
    ordersPerChild: 8,
    onOutcome: onRange,
    signal,
  });
}

/** Ranges of at most `size` seeds. */
export function splitSeeds(from: number, to: number, size: number, isFirstOnly = false): SeedRange[] {
  const ranges: SeedRange[] = [];
  for (let start = from; start <= to; start += size) {
    ranges.push({ from: start, to: Math.min(to, start + size - 1), isFirstOnly });
  }
  return ranges;
}
