/** Suite `timers`: 200 questions run out while their worker is killed again and again; each fires within a second. */
import type { JsonObject } from '../../src/base/json.ts';
import { describeSample } from '../percentile.ts';
import { openProveServer } from '../prove-server.ts';
import type { Suite } from '../suite.ts';
import { runTimers, type TimerPlan } from './timer-run.ts';

const plans: Readonly<Record<'full' | 'quick', TimerPlan>> = {
  full: {
    count: 200,
    firstMs: 10_000,
    spreadMs: 40_000,
    killAfterMs: [6_000, 5_000, 7_000, 4_000, 6_000, 5_000],
  },
  quick: { count: 40, firstMs: 5_000, spreadMs: 10_000, killAfterMs: [4_000, 3_000] },
};

const boundMs = 1_000;

export const timers: Suite = {
  name: 'timers',
  what: 'deadlines of questions across workers that are killed: each fires once, within a second',
  boundMinutes: { full: 6, quick: 3 },
  async run({ isQuick, databaseUrl, signal }) {
    const plan = plans[isQuick ? 'quick' : 'full'];
    const server = await openProveServer(databaseUrl);
    try {
      const run = await runTimers({ server, plan, signal });
      const alive = run.timers.map(({ lateAliveMs }) => lateAliveMs);
      const late = run.timers.filter(({ lateAliveMs }) => lateAliveMs > boundMs);
      const inGap = run.timers.filter((timer) => timer.lateMs > timer.lateAliveMs);
      return {
        rows: [
          { what: 'questions', value: String(plan.count) },
          {
            what: 'timers (a default each, and a reminder where somebody was there in time)',
            value: String(run.timers.length),
          },
          { what: 'workers killed', value: String(run.killCount) },
          {
            what: 'fired later than a second with a worker there',
            value: String(late.length),
            aim: '0',
          },
          { what: 'latest, with a worker there', value: `${Math.round(Math.max(...alive))} ms` },
          { what: 'late by, with a worker there', value: describeSample(alive, 'ms') },
          { what: 'due while no worker was there', value: String(inGap.length) },
          {
            what: 'latest of all, from when it was due',
            value: `${Math.round(Math.max(...run.timers.map(({ lateMs }) => lateMs)))} ms`,
          },
          { what: 'without a worker, from a kill to the next one', value: describeSample(run.gapsMs, 'ms') },
        ],
        details: { timers: run.timers } as unknown as JsonObject,
        problems: [
          ...run.problems,
          ...late.map(({ what, lateAliveMs }) => `a ${what} fired ${Math.round(lateAliveMs)} ms late`),
        ],
        postgres: server.version,
      };
    } finally {
      await server.close();
    }
  },
};
