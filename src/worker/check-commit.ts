/**
 * The project's checks on one commit, judged. A cell that ends under them is tried once more; then it counts against the
 * commit, whose checks may well be what ended it (all memory eaten). It never ends the worker.
 */
import { messageOf } from '../base/errors.ts';
import { type ChecksOutcome, runChecks } from '../gates/run-checks.ts';
import { FencedError } from '../journal/fenced-error.ts';
import { type CheckResult, judgeCommands } from '../verdicts/judge-commands.ts';
import type { Judgement } from '../verdicts/judgement.ts';
import { clearChecks } from './left-workspace.ts';
import { type SeatName, workspaceId } from './seat-name.ts';
import { isStorageFault } from './storage-fault.ts';
import type { WorkerContext } from './worker-context.ts';

export interface CheckRequest {
  seat: SeatName;
  commit: string;
  /** Names of checks; null: all of the profile. */
  names: readonly string[] | null;
  signal: AbortSignal;
}

const mostTries = 2;

/** Judged against the baseline. */
export async function checkCommit(context: WorkerContext, request: CheckRequest): Promise<Judgement> {
  const { profile } = context.policy;
  const baseline = await context.baseline();
  const judge = (results: readonly CheckResult[]) => judgeCommands(results, baseline, profile.baseline);
  let broken: unknown;
  for (let tries = 0; tries < mostTries; tries += 1) {
    try {
      const outcome = await runOnce(context, request, (results) => judge(results).needsRerun);
      if (!outcome.ok) {
        return { isPassed: false, summary: 'the workspace could not be set up', findings: outcome.findings };
      }
      const { isPassed, summary, findings } = judge(outcome.results);
      return { isPassed, summary, findings };
    } catch (error) {
      if (request.signal.aborted || error instanceof FencedError || isStorageFault(error)) throw error;
      context.log.error('checks broke off', { err: error, commit: request.commit });
      broken = error;
    }
  }
  const message = `the checks broke off twice: ${messageOf(broken)}`;
  const finding = { source: 'checks', message, file: null, line: null, output: null };
  return { isPassed: false, summary: 'the checks broke off', findings: [finding] };
}

async function runOnce(
  context: WorkerContext,
  { seat, commit, names, signal }: CheckRequest,
  rerun: (results: readonly CheckResult[]) => readonly string[],
): Promise<ChecksOutcome> {
  const { policy, mirror, workspaces, driver, secrets } = context;
  await clearChecks(context, seat);
  return runChecks({
    id: workspaceId(seat),
    mirror,
    workspaces,
    driver,
    commit,
    setup: policy.profile.setup,
    checks: policy.profile.checks.filter((check) => names?.includes(check.name) ?? true),
    limits: context.cellLimits,
    readable: policy.cells.readable,
    env: secrets.variablesFor('checks'),
    rerun,
    signal,
  });
}
