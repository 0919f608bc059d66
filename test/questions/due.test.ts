/** How long a worker waits: until what is due, to the millisecond, and as long as ever when that is far away. */
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Clock } from '../../src/base/clock.ts';
import { minuteMs, openDeskWorld } from './desk-world.ts';
import { alwaysThere } from './people.ts';

it('a worker that has nothing to do waits until the deadline of a question, not until its next look', async () => {
  const world = await openDeskWorld({ map: alwaysThere });
  let nowMs = Date.now();
  const waits: number[] = [];
  const clock: Clock = {
    now: () => nowMs,
    monotonicMs: () => performance.now(),
    async sleep(ms, signal) {
      waits.push(ms);
      await delay(Math.min(ms, 50), null, { signal });
    },
  };
  world.work({ change: (context) => ({ ...context, clock }) });
  await world.ask('gtm_dependency');
  const question = await world.until('it is asked', async () => {
    const state = await world.question(1);
    return state.asks.length === 1 && state;
  });
  const dueMs = Date.parse(question.asks[0]?.dueAt ?? '');
  expect(dueMs - nowMs).toBeGreaterThan(minuteMs);
  nowMs = dueMs - 123;
  await world.until('a wait until the deadline', async () => waits.includes(123));
});
