/** Suite `random-kills`: blows at random times over as many runs as they take; the order of blows comes from a seed. */
import type { JsonObject } from '../../src/base/json.ts';
import { describeSample } from '../percentile.ts';
import { openProveServer, type ProveServer } from '../prove-server.ts';
import type { Suite, SuiteContext, SuiteResult } from '../suite.ts';
import { type Blow, runRandomly } from './random-run.ts';
import { runOnce } from './run-once.ts';
import { describeDoubts, type RunSummary, summarizeRun } from './run-summary.ts';

interface RandomState {
  tree: string;
  seed: number;
  /** Not dealt yet. */
  blows: Blow[];
  dealt: Record<Blow['kind'], number>;
  takeoverMs: number[];
  gaveUpCount: number;
  runs: RunSummary[];
}

const wanted: Record<'full' | 'quick', Record<Blow['kind'], number>> = {
  full: { kill_worker: 75, kill_postgres: 15, stop_worker: 10 },
  quick: { kill_worker: 8, kill_postgres: 3, stop_worker: 1 },
};
const blowsPerRun = 8;
const longestPauseMs = 4_000;
const maxFailedRuns = 5;

export const randomKills: Suite = {
  name: 'random-kills',
  what: '100 blows at random times: workers and the database killed, workers stopped past their lease',
  boundMinutes: { full: 45, quick: 8 },
  async run(context) {
    const server = await openProveServer(context.databaseUrl);
    try {
      const state = (context.saved as RandomState | null) ?? (await begin(server, context));
      await dealAll(server, context, state);
      return report(server, state);
    } finally {
      await server.close();
    }
  },
};

async function begin(server: ProveServer, context: SuiteContext): Promise<RandomState> {
  const run = await runOnce({ server, killAt: [], takesNotes: false, expectedTree: null, boundMs: 120_000 });
  if (run.problems.length > 0) throw new Error(`the undisturbed run: ${run.problems.join('; ')}`);
  const counts = { ...wanted[context.isQuick ? 'quick' : 'full'] };
  // A server that is not ours is not killed.
  if (!server.isEmbedded) counts.kill_postgres = 0;
  const seed = Date.now() % 1_000_000;
  context.say(`seed ${seed}`);
  return {
    tree: run.tree,
    seed,
    blows: drawBlows(counts, seed),
    dealt: { kill_worker: 0, kill_postgres: 0, stop_worker: 0 },
    takeoverMs: [],
    gaveUpCount: 0,
    runs: [],
  };
}

export function drawBlows(counts: Record<Blow['kind'], number>, seed: number): Blow[] {
  const random = createRandom(seed);
  return Object.entries(counts)
    .flatMap(([kind, count]) => Array.from({ length: count }, () => kind as Blow['kind']))
    .map((kind) => ({ kind, order: random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ kind }) => ({ kind, afterMs: Math.round(random() * longestPauseMs) }));
}

/** Mulberry32: enough for drawing. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

async function dealAll(server: ProveServer, context: SuiteContext, state: RandomState): Promise<void> {
  while (state.blows.length > 0) {
    context.signal.throwIfAborted();
    if (state.runs.filter(({ problems }) => problems.length > 0).length >= maxFailedRuns) return;
    const run = await runRandomly({
      server,
      blows: state.blows.slice(0, blowsPerRun),
      expectedTree: state.tree,
      boundMs: 300_000,
    });
    state.blows.splice(0, run.dealt.length);
    for (const { kind } of run.dealt) state.dealt[kind] += 1;
    state.takeoverMs.push(...run.takeoverMs);
    state.gaveUpCount += run.gaveUpCount;
    state.runs.push(summarizeRun(run, run.dealt.length));
    context.save(state);
    context.say(
      `run ${state.runs.length}: ${run.dealt.map(({ kind }) => kind).join(', ')} in ${run.durationMs} ms, ${run.problems.length} problems, ${state.blows.length} blows left`,
    );
    for (const problem of run.problems) context.say(`  ${problem}`);
  }
}

function report(server: ProveServer, state: RandomState): SuiteResult {
  const { runs, dealt } = state;
  const problems = runs.flatMap((run, index) =>
    run.problems.map((problem) => `run ${index + 1}: ${problem}`),
  );
  return {
    problems,
    postgres: server.version,
    rows: [
      { what: 'workers killed', value: String(dealt.kill_worker) },
      { what: 'database server killed under a living worker', value: String(dealt.kill_postgres) },
      { what: 'workers stopped past their lease, then woken', value: String(dealt.stop_worker) },
      {
        what: 'runs that did not end as the undisturbed one',
        value: `${runs.filter((run) => run.problems.length > 0).length} of ${runs.length}`,
        aim: '0',
      },
      ...describeDoubts(runs),
      {
        what: 'start of the successor to its first event',
        value: describeSample(
          runs.flatMap((run) => run.progressMs),
          'ms',
        ),
        aim: 'p99 2,000 ms',
      },
      {
        what: 'stop of a worker to the first event of another',
        value: describeSample(state.takeoverMs, 'ms'),
      },
      {
        what: 'workers that could not start because the database was away',
        value: String(state.gaveUpCount),
      },
    ],
    details: {
      seed: state.seed,
      runs: runs.map(({ kills, durationMs, events, doubts }) => ({ kills, durationMs, events, doubts })),
    } as unknown as JsonObject,
  };
}
