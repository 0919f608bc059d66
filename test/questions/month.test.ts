/** A sample of the suite `month` (`npm run prove month`), and its observer: facts that are altered, and guards that are taken out, are found. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { drawMonth } from '../../prove/month/draw-month.ts';
import { findMonthBug } from '../../prove/month/find-month-bug.ts';
import type { MonthFacts, StoredUnit } from '../../prove/month/month-facts.ts';
import type { Rule } from '../../prove/month/observation.ts';
import { observeMonth } from '../../prove/month/observe-month.ts';
import { plantedMonthBugs } from '../../prove/month/planted-month-bugs.ts';
import { type MonthRun, runMonth } from '../../prove/month/run-month.ts';
import type { StoredEvent } from '../../src/journal/event.ts';

const size = { askCount: 150, days: 1 };

let facts: MonthRun;
beforeAll(async () => {
  facts = await runMonth(drawMonth(5, size));
});

const kindsOf = ({ events }: StoredUnit): string[] => events.map(({ kind }) => kind);
const has =
  (kind: string, test: (event: StoredEvent) => boolean = () => true) =>
  ({ events }: StoredUnit): boolean =>
    events.some((event) => event.kind === kind && test(event));

/** The unit that is `which` becomes what `change` says: another one, two, or none. */
function altered(
  which: (unit: StoredUnit) => boolean,
  change: (unit: StoredUnit) => StoredUnit[],
): MonthFacts {
  const index = facts.units.findIndex(which);
  const unit = facts.units[index];
  if (!unit) throw new Error('the month has nothing of the kind');
  return { ...facts, units: facts.units.toSpliced(index, 1, ...change(unit)) };
}

function saying(unit: StoredUnit, kind: string, data: Partial<StoredEvent['data']>): StoredUnit {
  const say = (event: StoredEvent): StoredEvent =>
    event.kind === kind ? ({ ...event, data: { ...event.data, ...data } } as StoredEvent) : event;
  return { ...unit, events: unit.events.map(say) };
}

describe('a short month', () => {
  it('keeps every promise, whoever dies in it', () => {
    const { problems, cases } = observeMonth(facts);
    expect(problems).toEqual([]);
    expect(cases.size).toBeGreaterThan(100);
    expect(facts.deaths.desks).toBeGreaterThan(0);
    expect(facts.deaths.askers).toBeGreaterThan(0);
  });

  it('is the same again from the same seed', async () => {
    const again = await runMonth(drawMonth(5, size));
    expect(again.units.at(-1)?.events.at(-1)?.hash).toBe(facts.units.at(-1)?.events.at(-1)?.hash);
    expect(again.taken.length).toBe(facts.taken.length);
    expect(again.stepCount).toBe(facts.stepCount);
  });
});

describe('the observer finds', () => {
  const alterations: readonly [what: string, rule: Rule, alter: () => MonthFacts][] = [
    [
      'a message that arrives twice',
      'what is said arrives once',
      () => ({ ...facts, taken: [...facts.taken, ...facts.taken.slice(0, 1)] }),
    ],
    [
      'a message that does not arrive',
      'what is said arrives once',
      () => ({ ...facts, taken: facts.taken.slice(1) }),
    ],
    [
      'an asker who is not told',
      'each asker is told once',
      () => altered(has('question.answered'), (unit) => [{ ...unit, posts: [] }]),
    ],
    [
      'an asker who is told twice',
      'each asker is told once',
      () => altered(has('question.answered'), (unit) => [{ ...unit, posts: [...unit.posts, ...unit.posts] }]),
    ],
    [
      'an answer of somebody who has no say',
      'the right person rules',
      () =>
        altered(has('question.answered'), (unit) => [
          saying(unit, 'question.answered', { by: '@nobody-here' }),
        ]),
    ],
    [
      'a default an hour after its time',
      'timers are neither early nor late',
      () => altered(has('question.defaulted'), (unit) => [{ ...unit, atMs: unit.atMs + 3_600_000 }]),
    ],
    [
      'a default before its time',
      'timers are neither early nor late',
      () => altered(has('question.defaulted'), (unit) => [{ ...unit, atMs: unit.atMs - 120_000 }]),
    ],
    [
      'a reminder that is given twice',
      'nobody is asked without a cause',
      () =>
        altered(
          has('question.notified', ({ data }) => data.why === 'reminder'),
          (unit) => [unit, unit],
        ),
    ],
    [
      'a decision that is recorded twice',
      'each decision is recorded once',
      () => altered(has('memory.recorded'), (unit) => [unit, unit]),
    ],
    [
      'an outcome that is not recorded',
      'each decision is recorded once',
      () => altered(has('question.recorded'), () => []),
    ],
    [
      'a block that is not lifted',
      'a block holds as long as its question',
      () =>
        altered(
          has('control.cleared', ({ data }) => data.holder !== null),
          () => [],
        ),
    ],
    [
      'somebody asked who comes later',
      'whoever can be asked first is asked',
      () =>
        altered(
          has('question.notified', ({ data }) => data.why === 'asked' && data.to === '@cto-channel'),
          (unit) => [saying(unit, 'question.notified', { to: '@alex-engineering-lead', rung: 2 })],
        ),
    ],
    [
      'somebody asked with too much to do',
      'attention limits hold',
      () => ({
        ...facts,
        units: facts.units.filter((unit) => !kindsOf(unit).some((kind) => kind === 'question.answered')),
      }),
    ],
    [
      'a default where none may be',
      'ends as its route says',
      () => altered(has('question.asked'), (unit) => [unit, defaultOf(unit)]),
    ],
  ];

  it.each(alterations)('%s', (_, rule, alter) => {
    expect(observeMonth(alter()).problems.map((problem) => problem.rule)).toContain(rule);
  });

  it('a guard that is taken out of the product', async () => {
    const orders = [{ seed: 2, size }];
    const found = await findMonthBug('only the first is told', {
      orders,
      signal: AbortSignal.timeout(110_000),
    });
    expect(found.problem?.rule).toBe('each asker is told once');
  }, 120_000);
});

/** As if the question that the unit asks had been taken by default, whatever it is. */
function defaultOf(unit: StoredUnit): StoredUnit {
  const [asked] = unit.events;
  if (!asked) throw new Error('asks nothing');
  const data = { option: 99, asked: [], why: 'planted' };
  return { ...unit, posts: [], events: [{ ...asked, kind: 'question.defaulted', data }] };
}

describe('planted bugs', () => {
  const root = path.resolve(import.meta.dirname, '../..');

  it('are at least eight, of different names, and each fits the sources as they are', () => {
    expect(new Set(plantedMonthBugs.map(({ name }) => name)).size).toBe(plantedMonthBugs.length);
    expect(plantedMonthBugs.length).toBeGreaterThanOrEqual(8);
    const misfits = plantedMonthBugs.flatMap(({ name, edits }) =>
      edits.flatMap(({ file, find }) => {
        const count = readFileSync(path.join(root, file), 'utf8').split(find).length - 1;
        return count === 1 ? [] : [`${name}: ${file} has ${count} of ${find}`];
      }),
    );
    expect(misfits).toEqual([]);
  });
});
