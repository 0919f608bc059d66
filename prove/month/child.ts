/** A child process that runs months and observes them, with the planted bug that its argument names; without one, as they are. */
import { serveOrders } from '../serve-orders.ts';
import { plantBug } from '../simulate/plant-bug.ts';
import type { MonthSize } from './draw-month.ts';
import type { Problem } from './observation.ts';
import { plantedMonthBugs } from './planted-month-bugs.ts';

export interface MonthOrder {
  seed: number;
  size: MonthSize;
}

export interface MonthOutcome {
  problemCount: number;
  /** The first ones. */
  problems: Problem[];
}

const shown = 5;

const [bugName] = process.argv.slice(2);
const bug = plantedMonthBugs.find(({ name }) => name === bugName);
if (bugName !== undefined && !bug) throw new Error(`there is no planted bug ${bugName}`);
if (bug) plantBug(bug);
const { drawMonth } = await import('./draw-month.ts');
const { runMonth } = await import('./run-month.ts');
const { observeMonth } = await import('./observe-month.ts');

serveOrders(async ({ seed, size }: MonthOrder): Promise<MonthOutcome> => {
  const { problems } = observeMonth(await runMonth(drawMonth(seed, size)));
  return { problemCount: problems.length, problems: problems.slice(0, shown) };
});
