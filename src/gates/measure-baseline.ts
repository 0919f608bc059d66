/**
 * How the project's checks stand on a commit before anybody works on it: each is run twice, so that a check that
 * cannot make up its mind is known as flaky before it is blamed on an item.
 */
import { countTests } from '../verdicts/count-tests.ts';
import type { BaselineEntry, CheckResult } from '../verdicts/judge-commands.ts';
import { type RunChecksRequest, runChecks } from './run-checks.ts';

export type BaselineOutcome =
  | {
      ok: true;
      checks: BaselineEntry[] /** The end of what the red ones printed, by name. */;
      outputs: Record<string, string>;
    }
  | { ok: false; message: string; output: string };

export async function measureBaseline(request: Omit<RunChecksRequest, 'rerun'>): Promise<BaselineOutcome> {
  const runs: CheckResult[][] = [];
  for (const pass of [1, 2]) {
    const outcome = await runChecks({ ...request, id: `${request.id}-${pass}` });
    if (!outcome.ok) {
      const [first] = outcome.findings;
      return {
        ok: false,
        message: first?.message ?? 'the workspace could not be set up',
        output: first?.output ?? '',
      };
    }
    runs.push(outcome.results);
  }
  const [first = [], second = []] = runs;
  const checks = compareRuns(first, second);
  const outputs = Object.fromEntries(
    [...second, ...first]
      .filter((result) => result.exitCode !== 0)
      .map((result) => [result.name, result.output.trimEnd().split('\n').slice(-15).join('\n')]),
  );
  return { ok: true, checks, outputs };
}

/** Counts are those of the worse run. */
export function compareRuns(first: readonly CheckResult[], second: readonly CheckResult[]): BaselineEntry[] {
  return first.map((one, index) => {
    const other = second[index] ?? one;
    const worse = isGreen(one) ? other : one;
    const counts = countTests(worse.output);
    const status = isGreen(one) === isGreen(other) ? (isGreen(one) ? 'green' : 'red') : 'flaky';
    return {
      name: one.name,
      status,
      failedCount: counts?.failed ?? null,
      passedCount: counts?.passed ?? null,
    };
  });
}

function isGreen(result: CheckResult): boolean {
  return result.exitCode === 0 && !result.isTimedOut;
}
