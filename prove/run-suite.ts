/** Runs one suite within its bound, keeps its progress, and writes its figures, whether it passed or not. */
import path from 'node:path';
import { messageOf } from '../src/base/errors.ts';
import { type Figures, writeFigures } from './figures.ts';
import { readCommit, readMachineFacts } from './machine-facts.ts';
import { openProgressFile } from './progress-file.ts';
import type { Suite, SuiteContext, SuiteResult } from './suite.ts';

export interface RunSuiteOptions {
  isQuick: boolean;
  /** Go on where an interrupted run was. */
  isResumed: boolean;
  databaseUrl: string | undefined;
  /** Of the repository. */
  root: string;
  say(line: string): void;
  /** Ends the suite after what it is doing; it can be resumed. */
  signal: AbortSignal;
}

interface Saved {
  /** Milliseconds that earlier runs took. */
  spentMs: number;
  state: object;
}

/** @throws the signal's reason when it is aborted; nothing is written then but the progress. */
export async function runSuite(suite: Suite, options: RunSuiteOptions): Promise<Figures> {
  const { isQuick, isResumed, root, say } = options;
  const size = isQuick ? 'quick' : 'full';
  const progress = openProgressFile(path.join(root, '.prove'), `${suite.name}-${size}`);
  const earlier = isResumed ? (progress.read() as unknown as Saved | null) : null;
  const startedAt = performance.now();
  const spentMs = () => Math.round((earlier?.spentMs ?? 0) + performance.now() - startedAt);
  const bound = suite.boundMinutes[size];
  say(`${suite.name}: ${suite.what} (at most ${bound} minutes${earlier ? ', resumed' : ''})`);
  const outcome = await attempt(suite, bound, {
    isQuick,
    databaseUrl: options.databaseUrl,
    saved: (earlier?.state ?? null) as never,
    save: (state) => progress.write({ spentMs: spentMs(), state } satisfies Saved),
    say: (line) => say(`  ${line}`),
    signal: options.signal,
  });
  const figures: Figures = {
    suite: suite.name,
    at: new Date().toISOString(),
    commit: readCommit(root),
    size,
    isPassed: outcome.problems.length === 0,
    durationMs: spentMs(),
    machine: readMachineFacts(),
    ...outcome,
  };
  if (figures.isPassed) progress.remove();
  writeFigures(path.join(root, 'docs'), figures);
  for (const { what, value, aim } of figures.rows) say(`  ${what}: ${value}${aim ? ` (aim ${aim})` : ''}`);
  for (const problem of figures.problems) say(`  PROBLEM ${problem}`);
  say(
    `${suite.name}: ${figures.isPassed ? 'passed' : 'FAILED'} in ${Math.round(figures.durationMs / 1000)} s`,
  );
  return figures;
}

/** A suite that throws or runs past its bound has failed; that is a figure too. The signal is a person's. */
async function attempt(suite: Suite, boundMinutes: number, context: SuiteContext): Promise<SuiteResult> {
  const bound = AbortSignal.timeout(boundMinutes * 60_000);
  const signal = AbortSignal.any([bound, context.signal]);
  try {
    return await suite.run({ ...context, signal });
  } catch (error) {
    if (context.signal.aborted) throw error;
    const problem = bound.aborted ? `did not end within ${boundMinutes} minutes` : messageOf(error);
    return { rows: [], details: {}, problems: [problem], postgres: null };
  }
}
