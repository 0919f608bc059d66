/**
 * The simulator's long run: many seeds in two processes, every state transition covered, and every planted bug found. The
 * figures are written by the runner of prove/.
 */
import { addCoverage, type Coverage, expectedCoverage } from '../src/simulate/coverage.ts';
import { percentile } from './percentile.ts';
import type { RangeOutcome, SeedRange } from './simulate/child.ts';
import { type BugFinding, findPlantedBug } from './simulate/find-planted-bug.ts';
import { plantedBugs } from './simulate/planted-bugs.ts';
import { runRanges, splitSeeds } from './simulate/run-ranges.ts';
import type { Suite, SuiteContext, SuiteResult } from './suite.ts';

export interface SimulationOptions {
  from: number;
  /** The last seed. */
  to: number;
  processes: number;
  /** Of an earlier run that was interrupted; null: none. */
  earlier: SimulationFigures | null;
  onProgress: (figures: SimulationFigures) => void;
  signal: AbortSignal;
}

export interface SimulationFigures {
  /** First seeds of the ranges that are done. */
  ranges: number[];
  /** Of all runs together. */
  wallMs: number;
  eventCounts: number[];
  stepCount: number;
  coverage: Coverage;
  failures: RangeOutcome['failures'];
}

const rangeSize = 50;

/** Runs the seeds that are not done yet. @throws when a child process fails, or on abort. */
export async function runSimulation(options: SimulationOptions): Promise<SimulationFigures> {
  const { from, to, processes, earlier, onProgress, signal } = options;
  const none = { ranges: [], wallMs: 0, eventCounts: [], stepCount: 0, coverage: {}, failures: [] };
  const figures: SimulationFigures = structuredClone(earlier ?? none);
  const spentMs = figures.wallMs;
  const startedAt = performance.now();
  const isWaiting = (range: SeedRange): boolean => !figures.ranges.includes(range.from);
  await runRanges({
    ranges: splitSeeds(from, to, rangeSize).filter(isWaiting),
    processes,
    bug: null,
    signal,
    onRange: ({ range, eventCounts, stepCount, coverage, failures }) => {
      figures.ranges.push(range.from);
      figures.eventCounts.push(...eventCounts);
      figures.stepCount += stepCount;
      addCoverage(figures.coverage, coverage);
      figures.failures.push(...failures);
      figures.wallMs = spentMs + Math.round(performance.now() - startedAt);
      onProgress(figures);
      return true;
    },
  });
  return figures;
}

export const simulateSuite: Suite = {
  name: 'simulate',
  what: '10,000 simulated worlds with faults keep every promise, and every guard that is taken out is missed',
  boundMinutes: { full: 40, quick: 6 },
  run: runSuite,
};

const processes = 2;

async function runSuite(context: SuiteContext): Promise<SuiteResult> {
  const { isQuick, say, save, saved, signal } = context;
  const seedCount = isQuick ? 300 : 10_000;
  let shownAt = 0;
  const figures = await runSimulation({
    from: 1,
    to: seedCount,
    processes,
    earlier: saved as unknown as SimulationFigures | null,
    onProgress: (now) => {
      save(now);
      if (now.eventCounts.length - shownAt < seedCount / 10) return;
      shownAt = now.eventCounts.length;
      say(`${shownAt} seeds, ${Math.round(now.wallMs / 1000)} s, ${now.failures.length} broken promises`);
    },
    signal,
  });
  const findings: BugFinding[] = [];
  for (const bug of plantedBugs) {
    const finding = await findPlantedBug(bug, { mostSeeds: 1_000, processes, signal });
    findings.push(finding);
    say(`planted: ${bug.name}: ${finding.seed === null ? 'NOT FOUND' : `seed ${finding.seed}`}`);
  }
  return describeResult(figures, findings, seedCount);
}

function describeResult(
  figures: SimulationFigures,
  findings: readonly BugFinding[],
  seedCount: number,
): SuiteResult {
  const { eventCounts, coverage, failures, wallMs } = figures;
  const unseen = expectedCoverage.filter((name) => !coverage[name]);
  const missed = findings.filter(({ seed }) => seed === null);
  const events = eventCounts.reduce((sum, count) => sum + count, 0);
  const median = percentile(eventCounts, 0.5) ?? 0;
  const number = (value: number): string => value.toLocaleString('en-US');
  const isFull = seedCount >= 10_000;
  return {
    rows: [
      { what: 'worlds simulated', value: number(eventCounts.length), aim: number(seedCount) },
      { what: `wall clock, ${processes} processes`, value: `${Math.round(wallMs / 1000)} s`, aim: '600 s' },
      { what: 'broken promises', value: number(failures.length), aim: '0' },
      { what: 'events', value: number(events) },
      { what: 'events of the median world', value: number(median), aim: '500' },
      {
        what: 'states, transitions, reasons and faults seen',
        value: `${expectedCoverage.length - unseen.length} of ${expectedCoverage.length}`,
        aim: 'all',
      },
      {
        what: 'planted bugs found',
        value: `${findings.length - missed.length} of ${findings.length}`,
        aim: 'all',
      },
    ],
    details: {
      eventsLeast: Math.min(...eventCounts.slice(0, 1), percentile(eventCounts, 0) ?? 0),
      eventsMost: percentile(eventCounts, 1) ?? 0,
      happenings: figures.stepCount,
      coverage: Object.fromEntries(Object.entries(coverage).sort(([a], [b]) => (a < b ? -1 : 1))),
      unseen,
      plantedBugs: findings.map((finding) => ({ ...finding })),
    },
    problems: [
      ...failures.map(
        ({ seed, invariant, message }) => `seed ${seed}: "${invariant}": ${message.slice(0, 300)}`,
      ),
      ...missed.map(({ name, guard }) => `the planted bug "${name}" (${guard}) was not found`),
      ...(isFull ? unseen.map((name) => `never seen: ${name}`) : []),
      ...(isFull && median < 500 ? [`the median world has ${median} events`] : []),
      ...(isFull && wallMs > 600_000 ? [`${seedCount} seeds took ${Math.round(wallMs / 1000)} s`] : []),
    ],
    postgres: null,
  };
}
