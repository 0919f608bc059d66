/** Runs the steps of a profile's set-up one after another, each in a cell that reaches that step's hosts alone. */
import { existsSync } from 'node:fs';
import type { Finding } from '../artifacts/finding.ts';
import type { CellDriver, ExecResult } from '../cells/cell.ts';
import type { SetupStep } from '../policy/policy.ts';
import type { Checkout } from './check-out-commit.ts';
import type { PrepareRequest } from './workspace.ts';

/** Characters of output in a finding. */
const shownCharacters = 4_000;

export interface SetupRun {
  driver: CellDriver;
  env: Record<string, string>;
  checkout: Checkout;
  request: Pick<PrepareRequest, 'id' | 'setup' | 'limits' | 'signal'>;
}

/** Empty when all steps went well; else what the first failing one said. */
export async function runSetup(run: SetupRun): Promise<Finding[]> {
  for (const step of run.request.setup) {
    const result = await runStep(run, step);
    if (result.exitCode !== 0) return [findingOf(step, result)];
  }
  return [];
}

async function runStep(run: SetupRun, step: SetupStep): Promise<ExecResult> {
  const { driver, env, checkout, request } = run;
  const cell = await driver.open({
    // The workspace's own id: whoever takes the workspace over ends its cells by it, those of set-up too.
    id: request.id,
    workspace: checkout.tree,
    isWorkspaceWritable: true,
    // Certificates that the environment names must be there.
    readable: [
      ...checkout.readable,
      ...Object.values(env).filter((value) => value.startsWith('/') && existsSync(value)),
    ],
    env,
    allowedHosts: [...step.hosts],
    limits: { ...request.limits, commandTimeoutMs: step.timeoutMs },
  });
  // What is called off is killed at once, not asked to end.
  const end = () => void cell.close().catch(() => {});
  request.signal?.addEventListener('abort', end, { once: true });
  try {
    return await cell.exec({ argv: ['sh', '-c', step.run], timeoutMs: step.timeoutMs }, request.signal);
  } finally {
    request.signal?.removeEventListener('abort', end);
    await cell.close();
  }
}

function findingOf(step: SetupStep, result: ExecResult): Finding {
  const how = result.isTimedOut
    ? `did not end within ${step.timeoutMs / 1000} s`
    : `ended with ${result.exitCode === null ? `signal ${result.signal}` : `exit code ${result.exitCode}`}`;
  const output = [result.stdout.trimEnd(), result.stderr.trimEnd()].filter(Boolean).join('\n');
  return {
    source: 'setup',
    message: `set-up \`${step.run}\` ${how}`,
    file: null,
    line: null,
    output: output === '' ? null : output.slice(-shownCharacters).toWellFormed(),
  };
}
