import { expect, it } from 'vitest';
import { systemClock } from '../base/clock.ts';
import { createWake, untilNextLook } from './wake.ts';

it.each([
  ['nothing is due', null, 500],
  ['something is due before the next look', 1_030, 30],
  ['something is due later than that', 9_000, 500],
  ['what is due was looked at already', 1_000, 500],
  ['it was due long ago', 10, 500],
])('a worker waits until what is due first, and never longer than its poll: %s', (_, dueAtMs, expected) => {
  expect(untilNextLook(dueAtMs, 1_000, 500)).toBe(expected);
});

it('a ring ends a wait, and one that came before is not lost', async () => {
  const wake = createWake(systemClock);
  const waited = wake.wait(60_000);
  wake.ring();
  await waited;
  wake.ring();
  await wake.wait(60_000);
});
