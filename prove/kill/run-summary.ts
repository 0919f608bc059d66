/** What is kept of a run when it is over: the sum over all runs is what the kill suites report. */
import type { Row } from '../suite.ts';
import type { RunCheck } from './check-run.ts';
import type { Doubts } from './compare-books.ts';

export interface RunSummary {
  kills: number;
  problems: string[];
  events: number;
  doubts: Doubts;
  askedCount: number;
  leftWorkspaces: number;
  leftCells: number;
  durationMs: number;
  /** Of successors that had something to do: from their start as a process. */
  progressMs: number[];
  /** The same from the moment that they were connected. */
  afterReadyMs: number[];
}

export function summarizeRun(
  run: RunCheck & {
    askedCount: number;
    durationMs: number;
    restarts: readonly { readyMs: number | null; progressMs: number | null }[];
  },
  kills: number,
): RunSummary {
  const { problems, events, doubts, askedCount, leftWorkspaces, leftCells, durationMs } = run;
  const progressed = run.restarts.flatMap(({ readyMs, progressMs }) =>
    readyMs === null || progressMs === null ? [] : [{ readyMs, progressMs }],
  );
  return {
    kills,
    problems,
    events,
    doubts,
    askedCount,
    leftWorkspaces,
    leftCells,
    durationMs,
    progressMs: progressed.map(({ progressMs }) => progressMs),
    afterReadyMs: progressed.map(({ readyMs, progressMs }) => progressMs - readyMs),
  };
}

/** The rows that both kill suites share. */
export function describeDoubts(runs: readonly RunSummary[]): Row[] {
  const sum = (pick: (run: RunSummary) => number) =>
    runs.reduce((total, run) => total + pick(run), 0).toLocaleString('en-US');
  return [
    { what: 'taped calls paid twice', value: sum(({ doubts }) => doubts.tapedCallsPaidTwice), aim: '0' },
    {
      what: 'calls in doubt: charged in full, asked again',
      value: sum((run) => run.doubts.modelCallsInDoubt),
    },
    { what: 'replies paid for that nobody was there to keep', value: sum((run) => run.doubts.repliesLost) },
    {
      what: 'tool calls in doubt: the model was told "outcome unknown"',
      value: sum((run) => run.doubts.toolCallsInterrupted),
    },
    { what: 'steps that began again from nothing', value: sum((run) => run.doubts.stepsBegunAgain) },
    { what: 'times that a person was asked', value: sum((run) => run.askedCount) },
    {
      what: 'workspaces and cells left on disk',
      value: sum((run) => run.leftWorkspaces + run.leftCells),
      aim: '0',
    },
  ];
}
