/**
 * Judges what the project's checks printed and how they ended, against what was already wrong before the item began.
 * Runs nothing: running a flaky check again is the caller's, who is told which.
 */
import type { Finding } from '../artifacts/finding.ts';
import { countTests, describeCounts, stripAnsi, type TestCounts } from './count-tests.ts';
import type { Judgement } from './judgement.ts';

export interface CheckResult {
  name: string;
  /** Null when it ended without one (killed). */
  exitCode: number | null;
  isTimedOut: boolean;
  output: string;
}

/** How a check behaved on the commit that the project was set up on; found by init. */
export interface BaselineEntry {
  name: string;
  status: 'green' | 'red' | 'flaky';
  /** Failing and passing tests then; null when the output did not say. */
  failedCount: number | null;
  passedCount: number | null;
}

export interface CommandsJudgement extends Judgement {
  /** Red now and known to be flaky: run these once more and judge again (with what came of it, whatever it was). */
  needsRerun: string[];
}

/**
 * All checks must be green. With `no_worse` a check that was red in the baseline may stay red unless it is known to
 * be worse: more tests fail, fewer pass (a file that no longer loads takes its tests along), or it was counted then
 * and does not come to its end now. An empty list never passes: nothing was checked.
 */
export function judgeCommands(
  results: readonly CheckResult[],
  baseline: readonly BaselineEntry[],
  mode: 'refuse' | 'no_worse',
): CommandsJudgement {
  if (results.length === 0) {
    const message = 'no check ran, so nothing is known of the code base';
    return {
      isPassed: false,
      summary: 'no checks ran',
      findings: [noOutput('checks', message)],
      needsRerun: [],
    };
  }
  const judged = results.map((result) => judgeOne(result, baselineOf(result.name, baseline), mode));
  const findings = judged.flatMap((one) => (one.finding ? [one.finding] : []));
  return {
    isPassed: findings.length === 0,
    summary: judged.map((one) => one.line).join('; '),
    findings,
    needsRerun: results
      .filter((result) => !isGreen(result) && baselineOf(result.name, baseline)?.status === 'flaky')
      .map((result) => result.name),
  };
}

function judgeOne(
  result: CheckResult,
  before: BaselineEntry | undefined,
  mode: 'refuse' | 'no_worse',
): { line: string; finding: Finding | null } {
  const counts = countTests(result.output);
  const counted = counts ? describeCounts(counts) : null;
  if (isGreen(result)) return { line: `${result.name}: ${counted ?? 'green'}`, finding: null };

  const line = `${result.name}: ${counted ?? describeEnd(result)}`;
  if (mode === 'no_worse' && before?.status === 'red') {
    const worse = findWorse(counts, result, before);
    if (worse === null) return { line: `${line} (was red before, no worse)`, finding: null };
    return {
      line: `${line}, ${worse}`,
      finding: finding(result, `${counted ?? describeEnd(result)}, ${worse}`),
    };
  }
  return {
    line,
    finding: finding(result, counted ? `${counted}, ${describeEnd(result)}` : describeEnd(result)),
  };
}

/** Why a red check is worse than it was in the baseline; null when that is not known. */
function findWorse(
  counts: TestCounts | undefined,
  result: CheckResult,
  before: BaselineEntry,
): string | null {
  if (before.failedCount === null || before.passedCount === null) return null;
  if (!counts) return `it was counted before (${before.failedCount} failed) and now ${describeEnd(result)}`;
  if (counts.failed > before.failedCount) return `${before.failedCount} failed before`;
  if (counts.passed < before.passedCount) return `${before.passedCount} passed before`;
  return null;
}

function isGreen(result: CheckResult): boolean {
  return result.exitCode === 0 && !result.isTimedOut;
}

function baselineOf(name: string, baseline: readonly BaselineEntry[]): BaselineEntry | undefined {
  return baseline.find((entry) => entry.name === name);
}

function describeEnd(result: CheckResult): string {
  if (result.isTimedOut) return 'ran out of time';
  return result.exitCode === null ? 'was killed' : `ended with exit code ${result.exitCode}`;
}

function finding(result: CheckResult, message: string): Finding {
  return {
    source: `check:${result.name}`,
    message: `${result.name}: ${message}`,
    file: null,
    line: null,
    output: outputTail(result.output),
  };
}

function noOutput(source: string, message: string): Finding {
  return { source, message, file: null, line: null, output: null };
}

const tailLines = 60;
const tailBytes = 6 * 1024;

/** The end of an output as a finding carries it: no escape sequences, at most 60 lines and 6 KB of UTF-8. Null when empty. */
export function outputTail(output: string): string | null {
  const lines = stripAnsi(output).trimEnd().split('\n').slice(-tailLines);
  const bytes = Buffer.from(lines.join('\n').trim(), 'utf8');
  if (bytes.length === 0) return null;
  if (bytes.length <= tailBytes) return bytes.toString('utf8');
  let start = bytes.length - tailBytes;
  // Never begin inside a character.
  while (((bytes[start] ?? 0) & 0xc0) === 0x80) start += 1;
  return bytes.subarray(start).toString('utf8');
}
