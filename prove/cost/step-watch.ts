/** Times the steps of one long run and reads the stored bytes at four of them: around step 10 and at the end. */
import { performance } from 'node:perf_hooks';
import { percentile } from '../percentile.ts';

/** Of one stretch of steps. */
export interface Stretch {
  /** Median over its steps. */
  stepMs: number;
  /** Processor time of this process, mean over its steps: what a busy machine does not blur. */
  cpuMs: number;
  /** Growth of the tables over the stretch, per step. */
  bytesPerStep: number;
}

export interface StepWatch {
  /** Before each mark of the run, and once after the last: how many marks have passed. */
  onMark(done: number): Promise<void>;
  /** From step 10 on. */
  early(): Stretch;
  late(): Stretch;
}

/** So long that pages of 8 KB do not matter. */
const stretchSteps = 200;

/** `stepsPerMark`: the run tells of every step, or of every second one. */
export function watchSteps(
  run: { steps: number; stepsPerMark: number },
  readBytes: () => Promise<number>,
): StepWatch {
  const { steps, stepsPerMark } = run;
  const length = Math.min(stretchSteps, Math.floor(steps / 4));
  const [earlyFrom = 0, earlyTo = 0, lateFrom = 0, lateTo = 0] = [10, 10 + length, steps - length, steps].map(
    (step) => Math.floor(step / stepsPerMark),
  );
  const bytes = new Map<number, number>();
  const startedAt: number[] = [];
  const cpuAt: number[] = [];
  const stretch = (from: number, to: number): Stretch => {
    const times: number[] = [];
    for (let mark = from; mark < to; mark += 1) {
      // One in whose time the bytes were read is left out.
      if (bytes.has(mark) || bytes.has(mark + 1)) continue;
      times.push(((startedAt[mark + 1] ?? Number.NaN) - (startedAt[mark] ?? Number.NaN)) / stepsPerMark);
    }
    const cpuMs = (cpuAt[to - 1] ?? Number.NaN) - (cpuAt[from + 1] ?? Number.NaN);
    const grown = (bytes.get(to) ?? Number.NaN) - (bytes.get(from) ?? Number.NaN);
    return {
      stepMs: Number((percentile(times, 0.5) ?? Number.NaN).toFixed(2)),
      cpuMs: Number((cpuMs / ((to - from - 2) * stepsPerMark)).toFixed(2)),
      bytesPerStep: Math.round(grown / ((to - from) * stepsPerMark)),
    };
  };
  return {
    async onMark(done) {
      if ([earlyFrom, earlyTo, lateFrom, lateTo].includes(done)) bytes.set(done, await readBytes());
      const { user, system } = process.cpuUsage();
      cpuAt[done] = (user + system) / 1_000;
      startedAt[done] = performance.now();
    },
    early: () => stretch(earlyFrom, earlyTo),
    late: () => stretch(lateFrom, lateTo),
  };
}
