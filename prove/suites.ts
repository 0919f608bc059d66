/** Every suite of `npm run prove`, in the order in which they run. */
import { kills } from './controls/kills.ts';
import { costPerStep } from './cost/cost-per-step.ts';
import { hijacked } from './hijack/hijacked.ts';
import { randomKills } from './kill/random-kills.ts';
import { killSweep } from './kill/sweep.ts';
import { month } from './month/month.ts';
import { peer } from './peer/peer.ts';
import { simulateSuite } from './simulate.ts';
import type { Suite } from './suite.ts';
import { hostile, verify } from './tested-suites.ts';
import { timers } from './timers/timers.ts';

export const suites: readonly Suite[] = [
  killSweep,
  randomKills,
  kills,
  timers,
  month,
  simulateSuite,
  peer,
  costPerStep,
  hostile,
  hijacked,
  verify,
];
