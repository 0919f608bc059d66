/**
 * Runs the project's checks on one commit, on the whole code base, in a workspace and a cell of their own. Collects
 * what came of them; what it means is judged in verdicts/.
 */
import type { Finding } from '../artifacts/finding.ts';
import type { CellDriver, CellLimits } from '../cells/cell.ts';
import { openCellUntil } from '../cells/open-until.ts';
import type { Mirror } from '../git/mirror.ts';
import type { Check, SetupStep } from '../policy/policy.ts';
import type { CheckResult } from '../verdicts/judge-commands.ts';
import type { Workspaces } from '../workspaces/workspace.ts';

export interface RunChecksRequest {
  /** Path-safe and unique; names the workspace and the cell. */
  id: string;
  mirror: Mirror;
  workspaces: Workspaces;
  driver: CellDriver;
  commit: string;
  setup: readonly SetupStep[];
  checks: readonly Check[];
  limits: CellLimits;
  readable: readonly string[];
  /** Variables of the checks besides those of the workspace. */
  env: Readonly<Record<string, string>>;
  /** After the first pass: names of checks to run again in the same cell (flaky ones). */
  rerun?: (results: readonly CheckResult[]) => readonly string[];
  signal: AbortSignal;
}

export type ChecksOutcome =
  | { ok: true; results: CheckResult[] }
  /** The workspace could not be set up, so no check ran. */
  | { ok: false; findings: Finding[] };

export async function runChecks(request: RunChecksRequest): Promise<ChecksOutcome> {
  const prepared = await request.workspaces.prepare({
    id: request.id,
    mirror: request.mirror,
    commit: request.commit,
    setup: request.setup,
    limits: request.limits,
    signal: request.signal,
  });
  if (!prepared.ok) return prepared;
  const { workspace } = prepared;
  try {
    const openCell = () =>
      request.driver.open({
        id: request.id,
        workspace: workspace.dir,
        isWorkspaceWritable: true,
        readable: [...workspace.readable, ...request.readable],
        env: { ...workspace.env, ...request.env, CI: 'true' },
        allowedHosts: [],
        limits: request.limits,
      });
    const cell = await openCellUntil(request.signal, openCell);
    try {
      const runOne = async (check: Check): Promise<CheckResult> => {
        const result = await cell.exec(
          { argv: ['bash', '-c', check.run], timeoutMs: check.timeoutMs },
          request.signal,
        );
        request.signal.throwIfAborted();
        return {
          name: check.name,
          exitCode: result.exitCode,
          isTimedOut: result.isTimedOut,
          output: [result.stdout, result.stderr].filter(Boolean).join('\n'),
        };
      };
      const results: CheckResult[] = [];
      for (const check of request.checks) results.push(await runOne(check));
      for (const name of request.rerun?.(results) ?? []) {
        const check = request.checks.find((candidate) => candidate.name === name);
        if (check) results[request.checks.indexOf(check)] = await runOne(check);
      }
      return { ok: true, results };
    } finally {
      await cell.close();
    }
  } finally {
    await workspace.discard();
  }
}
