/** Times the steps of one long run and reads the stored bytes at four of them: around step 10 and at the end. */
import { performance } from 'node:perf_hooks';
import { percentile } from '../percentile.ts';

/** Of one stretch of steps. */
export interface Stretch {
  /** Median over its steps. */
  stepMs: number;
  /** Growth of the tables over the stretch, per step. */
  bytesPerStep: number;
}

export interface StepWatch {
  /** Before each step, and once after the last. */
  onStep(done: number): Promise<void>;
  early(): Stretch;
  late(): Stretch;
}

/** The stretch from step 10 on, and the last one; so long that pages of 8 KB do not matter. */
export function watchSteps(steps: number, readBytes: () => Promise<number>): StepWatch {
  const length = Math.min(100, Math.floor(steps / 4));
  const marks = [10, 10 + length, steps - length, steps] as const;
  const bytes = new Map<number, number>();
  const startedAt: number[] = [];
  const stretch = (from: number, to: number): Stretch => {
    const times: number[] = [];
    for (let step = from; step < to; step += 1) {
      // A step in whose time the bytes were read is left out.
      if (bytes.has(step) || bytes.has(step + 1)) continue;
      times.push((startedAt[step + 1] ?? Number.NaN) - (startedAt[step] ?? Number.NaN));
    }
    return {
      stepMs: Number((percentile(times, 0.5) ?? 0).toFixed(2)),
      bytesPerStep: Math.round(((bytes.get(to) ?? 0) - (bytes.get(from) ?? 0)) / (to - from)),
    };
  };
  return {
    async onStep(done) {
      if (marks.some((mark) => mark === done)) bytes.set(done, await readBytes());
      startedAt[done] = performance.now();
    },
    early: () => stretch(marks[0], marks[1]),
    late: () => stretch(marks[2], marks[3]),
  };
}
