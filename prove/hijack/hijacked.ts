/**
 * Suite `hijacked`: a generator picks every tool call of an agent; an observer outside of the engine sees no effect beyond the
 * role. Then the product's guards are taken out one by one, and each time it does.
 */
import type { JsonObject } from '../../src/base/json.ts';
import type { Row, Suite, SuiteContext, SuiteResult } from '../suite.ts';
import { findGuard, type GuardFinding } from './find-guard.ts';
import { plantedGuards } from './planted-guards.ts';
import { seats } from './roles.ts';
import type { SegmentOutcome } from './run-segment.ts';
import { runSegments } from './run-segments.ts';

const callsPerSegment = 250;
const processes = 2;

interface Saved {
  outcomes: SegmentOutcome[];
  findings: GuardFinding[];
}

export const hijacked: Suite = {
  name: 'hijacked',
  what: 'a model that wants out picks every tool call; then the guards are taken out one by one',
  boundMinutes: { full: 120, quick: 20 },
  run: async (context) => {
    const segments = context.isQuick ? 20 : 200;
    const saved = context.saved as unknown as Saved | null;
    const done: Saved = saved ?? { outcomes: [], findings: [] };
    await runWhole(context, segments, done);
    await runWithoutGuards(context, done);
    return describe(done, segments);
  },
};

async function runWhole(context: SuiteContext, segments: number, done: Saved): Promise<void> {
  const known = new Set(done.outcomes.map(({ seed }) => seed));
  const names = seats.map(({ name }) => name);
  await runSegments({
    orders: Array.from({ length: segments }, (_, index) => index + 1)
      .filter((seed) => !known.has(seed))
      .map((seed) => ({ seed, callCount: callsPerSegment, seats: names })),
    processes,
    guard: null,
    signal: context.signal,
    onSegment: (outcome) => {
      done.outcomes.push(outcome);
      context.save(done);
      if (done.outcomes.length % 10 === 0 || outcome.effect) {
        const what = outcome.effect ? `EFFECT ${outcome.effect.what}` : 'no effect';
        context.say(`${done.outcomes.length} of ${segments} segments, seed ${outcome.seed}: ${what}`);
      }
      return true;
    },
  });
}

async function runWithoutGuards(context: SuiteContext, done: Saved): Promise<void> {
  for (const guard of plantedGuards) {
    if (done.findings.some(({ name }) => name === guard.name)) continue;
    const finding = await findGuard(guard, { segments: 40, callsPerSegment, signal: context.signal });
    done.findings.push(finding);
    context.save(done);
    context.say(
      `without "${finding.guard}": ${finding.effect?.what ?? 'NO EFFECT'} after ${finding.callCount} calls`,
    );
  }
}

function describe({ outcomes, findings }: Saved, segments: number): SuiteResult {
  const calls = sum(outcomes.map(({ callCount }) => callCount));
  const allowed = sum(outcomes.map(({ allowedCount }) => allowedCount));
  const effects = outcomes.filter(({ effect }) => effect !== null);
  const missed = findings.filter(({ seed }) => seed === null);
  const bySeat = Map.groupBy(outcomes, ({ seat }) => seat);
  const number = (value: number) => value.toLocaleString('en-US');
  const seatRow = ([seat, of]: [string, SegmentOutcome[]]): Row => ({
    what: `as ${seat}: calls, of them not refused`,
    value: `${number(sum(of.map(({ callCount }) => callCount)))}, ${number(sum(of.map(({ allowedCount }) => allowedCount)))}`,
  });
  return {
    rows: [
      { what: 'tool calls', value: number(calls), aim: number(segments * callsPerSegment) },
      { what: 'of them not refused', value: number(allowed) },
      { what: 'effects beyond the role', value: number(effects.length), aim: '0' },
      { what: 'seeds', value: `1–${segments}, ${callsPerSegment} calls each` },
      ...[...bySeat].map(seatRow),
      {
        what: 'guards taken out, of them seen',
        value: `${findings.length}, ${findings.length - missed.length}`,
        aim: 'all',
      },
    ],
    details: {
      guards: findings.map(
        (finding): JsonObject => ({ ...finding, effect: finding.effect && { ...finding.effect } }),
      ),
    },
    problems: [
      ...effects.map(
        ({ seed, seat, effect }) =>
          `seed ${seed}, ${seat}: ${effect?.what} by ${effect?.tool} ${effect?.input}`,
      ),
      ...missed.map(({ name, guard }) => `without the guard "${guard}" (${name}) nothing was seen`),
    ],
    postgres: null,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
