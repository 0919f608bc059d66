import { expect, it } from 'vitest';
import { drawPlan } from './draw-plan.ts';
import { FaultBook } from './fault-book.ts';
import { createRandom } from './random.ts';

/** Of a hundred calls, how many take effect although their process has died. */
function countOnTheirWay(op: string): number {
  const book = new FaultBook(drawPlan(1), createRandom('fault book', 1));
  return Array.from({ length: 100 }, () => book.fateOf(op, 0)).filter(({ isOnItsWay }) => isOnItsWay).length;
}

it.each(['journal.append', 'mirror.commitTree', 'cells.exec', 'cells.writeFile'])(
  '%s may take effect after the death of its process',
  (op) => expect(countOnTheirWay(op)).toBeGreaterThan(20),
);

it('a cell is opened by a living process only', () => expect(countOnTheirWay('cells.open')).toBe(0));
