/** Suite `month`: 10,000 questions within a simulated month, observed; and bugs that are planted for the observer to find. */
import type { JsonObject } from '../../src/base/json.ts';
import type { Row, Suite, SuiteContext, SuiteResult } from '../suite.ts';
import { drawMonth, type MonthSize, wholeMonth } from './draw-month.ts';
import { type FoundBug, findMonthBug } from './find-month-bug.ts';
import type { Observation } from './observation.ts';
import { observeMonth } from './observe-month.ts';
import { colleagues } from './office.ts';
import { plantedMonthBugs } from './planted-month-bugs.ts';
import { type MonthRun, runMonth } from './run-month.ts';

/** As busy as the whole month, for as long as a bug needs to show. */
export const shortMonth: MonthSize = { askCount: 350, days: 1 };

const seed = 1;
const mostOfAll = Math.max(...Object.values(colleagues).map(({ limit }) => limit));

export const month: Suite = {
  name: 'month',
  what: '10,000 questions in a simulated month of people and workers: each ends as its route says',
  boundMinutes: { full: 40, quick: 10 },
  run,
};

async function run({ isQuick, say, signal }: SuiteContext): Promise<SuiteResult> {
  const startedAt = performance.now();
  const facts = await runMonth(drawMonth(seed, isQuick ? shortMonth : wholeMonth), {
    signal,
    onDay: (day, unitCount) => say(`day ${day}: ${unitCount.toLocaleString('en-US')} appends`),
  });
  const runMs = performance.now() - startedAt;
  const seen = observeMonth(facts);
  const bugs = new Map<string, FoundBug>();
  for (const { name } of isQuick ? plantedMonthBugs.slice(0, 3) : plantedMonthBugs) {
    const orders = [2, 3, 4].map((each) => ({ seed: each, size: shortMonth }));
    bugs.set(name, await findMonthBug(name, { orders, signal }));
    say(`planted: ${name}: ${bugs.get(name)?.problem?.rule ?? 'NOT FOUND'}`);
  }
  const missed = [...bugs].filter(([, { seed: shownBy }]) => shownBy === null);
  return {
    rows: [
      ...describeMonth(facts, seen),
      { what: 'planted bugs found', value: `${bugs.size - missed.length} of ${bugs.size}`, aim: 'all' },
      { what: 'seconds for the month', value: String(Math.round(runMs / 1000)) },
    ],
    details: { ends: endsByKind(seen), plantedBugs: describeBugs(bugs) },
    problems: [
      ...seen.problems.map(({ rule, about, at, what }) => `"${rule}": ${about} at ${at}: ${what}`),
      ...missed.map(([name]) => `the planted bug "${name}" was not found`),
    ],
    postgres: null,
  };
}

export function describeMonth(facts: MonthRun, seen: Observation): Row[] {
  const count = (value: number): string => value.toLocaleString('en-US');
  const cases = [...seen.cases.values()];
  const events = facts.units.flatMap((unit) => unit.events);
  const howMany = (kind: string): string => count(events.filter((event) => event.kind === kind).length);
  const endedAs = (how: string): string => count(cases.filter(({ settled }) => settled?.how === how).length);
  return [
    { what: 'times that an agent asked', value: count(facts.month.asks.length) },
    { what: 'answered by memory, so that nobody was asked', value: count(facts.byMemory.size) },
    { what: 'joined a question that was open', value: howMany('question.joined') },
    { what: 'questions, those of the product itself among them', value: count(cases.length) },
    { what: 'answered', value: endedAs('answered') },
    { what: 'taken by default', value: endedAs('defaulted') },
    {
      what: 'of these overturned, and confirmed',
      value: `${howMany('question.overturned')}, ${howMany('question.confirmed')}`,
    },
    { what: 'withdrawn', value: endedAs('withdrawn') },
    { what: 'answered by memory meanwhile', value: endedAs('remembered') },
    {
      what: 'open at the end, with an owner and a time',
      value: count(cases.filter(({ settled }) => !settled).length),
    },
    { what: 'asks, reminders and escalations', value: howMany('question.notified') },
    { what: 'sent on to another kind', value: howMany('question.routed') },
    { what: 'answers kept without effect', value: howMany('question.answer_refused') },
    { what: 'messages that arrived', value: count(facts.taken.length) },
    { what: 'messages given up after a day without the channel', value: howMany('delivery.dead') },
    { what: 'desks killed at a call', value: count(facts.deaths.desks) },
    { what: 'agents killed while asking', value: count(facts.deaths.askers) },
    { what: 'events', value: count(events.length) },
    { what: 'timers that ran out', value: count(seen.timerCount) },
    { what: 'latest of them, with a desk there', value: `${count(seen.latestMs)} ms`, aim: '60,000 ms' },
    {
      what: 'most open questions of one person',
      value: count(seen.rooms.mostOpen),
      aim: `${mostOfAll}, the highest limit`,
    },
    { what: 'broken promises', value: count(seen.problems.length), aim: '0' },
  ];
}

/** By kind as it was routed last, how its questions ended. */
function endsByKind({ cases }: Observation): JsonObject {
  const byKind = Map.groupBy(cases.values(), ({ kind }) => kind);
  return Object.fromEntries(
    [...byKind].map(([kind, known]) => {
      const byEnd = Map.groupBy(known, ({ settled }) => settled?.how ?? 'open');
      return [kind, Object.fromEntries([...byEnd].map(([how, { length }]) => [how, length]))];
    }),
  );
}

function describeBugs(bugs: ReadonlyMap<string, FoundBug>): JsonObject[] {
  return [...bugs].map(([name, { seed: shownBy, problem, problemCount }]) => ({
    name,
    guard: plantedMonthBugs.find((bug) => bug.name === name)?.guard ?? '',
    seed: shownBy,
    problemCount,
    problem: problem && { ...problem },
  }));
}
