/**
 * The observer of a month. From what was stored and what people got alone, and by docs/questions.md, it says which promises were
 * not kept. It shares no decision with the product: routes, hours and times are its own reading (office.ts, observed-case.ts).
 */
import { judgeDeliveries } from './judge-deliveries.ts';
import { judgeEnd } from './judge-end.ts';
import { judgeQuestionUnit } from './judge-question.ts';
import { judgeControlUnit, judgeMemoryUnit } from './judge-records.ts';
import type { MonthFacts } from './month-facts.ts';
import { Observation } from './observation.ts';
import { numberOf } from './world.ts';

export function observeMonth(facts: MonthFacts): Observation {
  const seen = new Observation(facts);
  for (const unit of facts.units) {
    const stream = unit.events[0]?.stream;
    if (stream === undefined) continue;
    const number = numberOf(stream);
    if (number !== null) judgeQuestionUnit(seen, number, unit);
    else if (stream.startsWith('memory:')) judgeMemoryUnit(seen, unit);
    else if (stream.startsWith('control:')) judgeControlUnit(seen, unit);
  }
  judgeEnd(seen);
  judgeDeliveries(seen);
  for (const failure of facts.failures)
    seen.find('the product fails nowhere', 'worker', facts.month.endMs, failure);
  return seen;
}
