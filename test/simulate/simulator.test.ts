/** The simulator's sample: a bounded number of seeds, and the proof that its answers repeat and its watchers see. */
import { describe, expect, test } from 'vitest';
import { describeRun } from '../../src/simulate/describe-run.ts';
import { drawPlan } from '../../src/simulate/draw-plan.ts';
import { runPlan } from '../../src/simulate/run-plan.ts';

const sampleSize = 50;

describe('a sample of simulated worlds', () => {
  test('keeps every promise', async () => {
    const broken: string[] = [];
    let eventCount = 0;
    for (let seed = 1; seed <= sampleSize; seed += 1) {
      const outcome = await runPlan(drawPlan(seed));
      eventCount += outcome.history.length;
      if (outcome.violations.length > 0) broken.push(...describeRun(outcome, 5));
    }
    expect(broken).toEqual([]);
    expect(eventCount / sampleSize).toBeGreaterThan(200);
  });
});

describe('a seed', () => {
  // One with deaths, storage errors and persons who change their minds.
  const seed = Array.from({ length: 200 }, (_, index) => index + 1).find((candidate) => {
    const { faults, acts } = drawPlan(candidate);
    return faults.some(({ kind }) => kind === 'death') && faults.length > 4 && acts.length > 2;
  });

  test('gives the same history, event by event, whenever it is run', async () => {
    const plan = drawPlan(seed ?? 0);
    const first = await runPlan(plan);
    const second = await runPlan(drawPlan(seed ?? 0));
    expect(first.history.length).toBeGreaterThan(50);
    expect(second.hash).toBe(first.hash);
    expect(second.stepCount).toBe(first.stepCount);
    expect(second.history).toEqual(first.history);
  });

  test('gives another history without one of its faults', async () => {
    const plan = drawPlan(seed ?? 0);
    const whole = await runPlan(plan);
    const index = whole.faultsHappened[0];
    const without = await runPlan({ ...plan, faults: plan.faults.toSpliced(index ?? 0, 1) });
    expect(index).toBeDefined();
    expect(without.hash).not.toBe(whole.hash);
  });
});
