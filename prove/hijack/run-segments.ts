/** Runs segments in child processes, each by whoever is free. */
import path from 'node:path';
import { runInChildren } from '../run-in-children.ts';
import type { SegmentOrder, SegmentOutcome } from './run-segment.ts';

export interface RunSegmentsOptions {
  orders: readonly SegmentOrder[];
  processes: number;
  /** Name of the guard that is taken out; null: the product as it is. */
  guard: string | null;
  /** Called after every segment. False: no further one is begun. */
  onSegment(outcome: SegmentOutcome): boolean;
  signal: AbortSignal;
}

/** Resolves when all that were begun have ended, and the children with them. @throws when a child fails, or on abort. */
export function runSegments({
  orders,
  processes,
  guard,
  onSegment,
  signal,
}: RunSegmentsOptions): Promise<void> {
  return runInChildren({
    program: path.join(import.meta.dirname, 'child.ts'),
    args: guard === null ? [] : [guard],
    orders,
    processes,
    onOutcome: onSegment,
    signal,
  });
}
