/** A sample of the suite `timers` (`npm run prove timers`): deadlines of questions across workers that are killed. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openProveServer, type ProveServer } from '../../prove/prove-server.ts';
import { runTimers } from '../../prove/timers/timer-run.ts';

let server: ProveServer;
beforeAll(async () => {
  server = await openProveServer(undefined);
});
afterAll(() => server.close());

it('20 questions are reminded of once at most and taken by default once, whoever is killed, and soon where a worker is', async () => {
  const run = await runTimers({
    server,
    plan: { count: 20, firstMs: 4_000, spreadMs: 6_000, killAfterMs: [2_000, 2_000] },
    signal: AbortSignal.timeout(110_000),
  });
  expect(run.problems).toEqual([]);
  expect(run.timers.filter(({ what }) => what === 'default')).toHaveLength(20);
  // On a machine that does many things at once; the suite measures what it is alone.
  expect(Math.max(...run.timers.map(({ lateAliveMs }) => lateAliveMs))).toBeLessThan(10_000);
}, 120_000);
