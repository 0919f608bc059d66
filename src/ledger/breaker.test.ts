import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { askBreaker, type Breaker, closedBreaker, tellBreaker } from './breaker.ts';

const settings = { failures: 3, firstCoolDownMs: 1_000, longestCoolDownMs: 5_000 };

function fail(breaker: Breaker, nowMs: number, times = 1): Breaker {
  let current = breaker;
  for (let count = 0; count < times; count += 1) {
    current = tellBreaker(current, { isSuccess: false, nowMs }, settings);
  }
  return current;
}

describe('a breaker', () => {
  it('stays closed until the last allowed failure in a row, and refuses from then on', () => {
    expect(askBreaker(fail(closedBreaker, 0, 2), 0).isAllowed).toBe(true);
    expect(askBreaker(fail(closedBreaker, 0, 3), 0)).toEqual({ isAllowed: false, untilMs: 1_000 });
  });

  it('forgets failures at the first success', () => {
    const recovered = tellBreaker(fail(closedBreaker, 0, 2), { isSuccess: true, nowMs: 0 }, settings);
    expect(askBreaker(fail(recovered, 0, 2), 0).isAllowed).toBe(true);
  });

  it('lets one trial through after its cool-down, and refuses the others meanwhile', () => {
    const trial = askBreaker(fail(closedBreaker, 0, 3), 1_000);
    if (!trial.isAllowed) throw new Error('the cool-down is over');
    expect(trial.breaker.kind).toBe('half_open');
    expect(askBreaker(trial.breaker, 1_500)).toEqual({ isAllowed: false, untilMs: 2_000 });
    expect(tellBreaker(trial.breaker, { isSuccess: true, nowMs: 1_600 }, settings)).toEqual(closedBreaker);
  });

  it('waits twice as long after each failed trial, but never longer than the longest', () => {
    let breaker = fail(closedBreaker, 0, 3);
    const waits: number[] = [];
    let nowMs = 0;
    for (let trials = 0; trials < 5; trials += 1) {
      const refused = askBreaker(breaker, nowMs);
      if (refused.isAllowed) throw new Error('it is open');
      waits.push(refused.untilMs - nowMs);
      nowMs = refused.untilMs;
      const trial = askBreaker(breaker, nowMs);
      if (!trial.isAllowed) throw new Error('the cool-down is over');
      breaker = fail(trial.breaker, nowMs);
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 5_000, 5_000]);
  });

  it('lets another trial through when nothing was heard of the first', () => {
    const trial = askBreaker(fail(closedBreaker, 0, 3), 1_000);
    if (!trial.isAllowed) throw new Error('the cool-down is over');
    expect(askBreaker(trial.breaker, 2_000).isAllowed).toBe(true);
  });

  it('is not made to wait longer by calls that had begun before it opened', () => {
    const open = fail(closedBreaker, 0, 3);
    expect(fail(open, 900, 4)).toEqual(open);
  });

  it('never lets more than one call through within one cool-down once it is open', () => {
    const pauses = fc.array(fc.integer({ min: 0, max: 3_000 }));
    fc.assert(
      fc.property(pauses, (course) => {
        let breaker = fail(closedBreaker, 0, 3);
        let nowMs = 0;
        let lastTrialMs = Number.NEGATIVE_INFINITY;
        for (const afterMs of course) {
          nowMs += afterMs;
          const asked = askBreaker(breaker, nowMs);
          if (!asked.isAllowed) continue;
          expect(nowMs - lastTrialMs).toBeGreaterThanOrEqual(settings.firstCoolDownMs);
          lastTrialMs = nowMs;
          breaker = fail(asked.breaker, nowMs);
        }
      }),
    );
  });
});
