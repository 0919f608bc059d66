/**
 * Suite `kill-sweep`: one undisturbed run names every boundary; then a worker is killed with SIGKILL at each of them, many
 * in one run, spread out so that most successors get somewhere before they die themselves.
 */
import type { JsonObject } from '../../src/base/json.ts';
import { describeSample } from '../percentile.ts';
import { openProveServer, type ProveServer } from '../prove-server.ts';
import type { Suite, SuiteContext, SuiteResult } from '../suite.ts';
import { runOnce } from './run-once.ts';
import { describeDoubts, type RunSummary, summarizeRun } from './run-summary.ts';

interface SweepState {
  /** In the order in which the undisturbed run met them. */
  labels: string[];
  tree: string;
  undisturbedMs: number;
  /** Label → how often it was on a run's list; killed ones have left `remaining`. */
  tries: Record<string, number>;
  remaining: string[];
  runs: RunSummary[];
}

const killsPerRun = 40;
/** A boundary that did not come up in so many runs belongs to a race that went the other way each time. */
const maxTries = 3;
const maxFailedRuns = 5;

export const killSweep: Suite = {
  name: 'kill-sweep',
  what: 'kill -9 of the worker at every intent, effect and result of a run of three items',
  boundMinutes: { full: 90, quick: 10 },
  async run(context) {
    const server = await openProveServer(context.databaseUrl);
    try {
      const state = (context.saved as SweepState | null) ?? (await lookAround(server, context));
      context.save(state);
      await sweep(server, context, state);
      return report(server, state);
    } finally {
      await server.close();
    }
  },
};

async function lookAround(server: ProveServer, context: SuiteContext): Promise<SweepState> {
  const run = await runOnce({
    server,
    killAt: [],
    takesNotes: true,
    expectedTree: null,
    boundMs: 120_000,
  });
  if (run.problems.length > 0) throw new Error(`the undisturbed run: ${run.problems.join('; ')}`);
  context.say(`undisturbed: ${run.notes.length} boundaries, ${run.events} events, ${run.durationMs} ms`);
  return {
    labels: run.notes,
    tree: run.tree,
    undisturbedMs: run.durationMs,
    tries: {},
    remaining: context.isQuick ? pickOnePerKind(run.notes) : run.notes,
    runs: [],
  };
}

/** The first boundary of each kind: which port, which events; not of which item or agent. */
export function pickOnePerKind(labels: readonly string[]): string[] {
  const kinds = new Map<string, string>();
  for (const label of labels) {
    const [when, port, subject = '', ...rest] = label.replace(/\[[^\]]*\]/g, '').split(' ');
    const about = port === 'append' ? `${subject.split(':')[0]} ${rest[0]}` : '';
    const kind = `${when} ${port} ${about}`;
    if (!kinds.has(kind)) kinds.set(kind, label);
  }
  return [...kinds.values()];
}

async function sweep(server: ProveServer, context: SuiteContext, state: SweepState): Promise<void> {
  for (;;) {
    context.signal.throwIfAborted();
    const open = state.remaining.filter((label) => (state.tries[label] ?? 0) < maxTries);
    if (open.length === 0 || state.runs.filter(({ problems }) => problems.length > 0).length >= maxFailedRuns)
      return;
    const stride = Math.ceil(open.length / killsPerRun);
    const killAt = open.filter((_, index) => index % stride === 0);
    for (const label of killAt) state.tries[label] = (state.tries[label] ?? 0) + 1;
    const run = await runOnce({
      server,
      killAt,
      takesNotes: false,
      expectedTree: state.tree,
      boundMs: 60_000 + killAt.length * 6_000,
    });
    const killed = new Set(run.killedAt);
    state.remaining = state.remaining.filter((label) => !killed.has(label));
    state.runs.push(summarizeRun(run, run.killedAt.length));
    context.save(state);
    const left = `${state.remaining.length} boundaries left`;
    context.say(
      `run ${state.runs.length}: ${run.killedAt.length} kills in ${run.durationMs} ms, ${run.problems.length} problems, ${left}`,
    );
    for (const problem of run.problems) context.say(`  ${problem}`);
  }
}

function report(server: ProveServer, state: SweepState): SuiteResult {
  const { runs, remaining, labels } = state;
  const kills = runs.reduce((sum, run) => sum + run.kills, 0);
  const progressMs = runs.flatMap((run) => run.progressMs);
  const problems = runs.flatMap((run, index) =>
    run.problems.map((problem) => `run ${index + 1}: ${problem}`),
  );
  return {
    problems,
    postgres: server.version,
    rows: [
      { what: 'boundaries of the undisturbed run', value: String(labels.length) },
      { what: 'killed at', value: `${kills} of them, in ${runs.length} runs` },
      { what: 'did not come up again', value: String(remaining.length) },
      { what: 'runs that did not end as the undisturbed one', value: String(countBad(runs)), aim: '0' },
      ...describeDoubts(runs),
      {
        what: 'start of the successor to its first event',
        value: describeSample(progressMs, 'ms'),
        aim: 'p99 2,000 ms',
      },
      {
        what: 'of this, after it was connected',
        value: describeSample(
          runs.flatMap((run) => run.afterReadyMs),
          'ms',
        ),
      },
    ],
    details: {
      undisturbedMs: state.undisturbedMs,
      didNotComeUpAgain: remaining,
      runs: runs.map(({ kills: count, durationMs, events, doubts }) => ({
        kills: count,
        durationMs,
        events,
        doubts,
      })),
    } as unknown as JsonObject,
  };
}

function countBad(runs: readonly RunSummary[]): number {
  return runs.filter(({ problems }) => problems.length > 0).length;
}
