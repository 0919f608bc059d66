/** Suites `hostile` and `verify`: tests of `npm test` whose names are the figures; here they are run, counted and listed. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Suite, SuiteContext, SuiteResult } from './suite.ts';

export const hostile: Suite = {
  name: 'hostile',
  what: 'everything that a workspace, a model or a file may contain, looked at from outside',
  boundMinutes: { full: 15, quick: 15 },
  run: (context) =>
    runTests(context, ['test/hostile-files', 'test/hostile-text', 'src/cells', 'src/git'], 'inputs'),
};

export const verify: Suite = {
  name: 'verify',
  what: 'truncations and bit flips of an export, and edits in the tables: each is found',
  boundMinutes: { full: 15, quick: 15 },
  run: (context) => runTests(context, ['test/doctor'], 'corruptions'),
};

/** The part of vitest's JSON report that is read. */
interface TestReport {
  testResults: {
    name: string;
    assertionResults: { status: string; fullName: string }[];
    status: string;
    message: string;
  }[];
}

async function runTests(context: SuiteContext, paths: readonly string[], what: string): Promise<SuiteResult> {
  const root = path.resolve(import.meta.dirname, '..');
  const { testResults } = await report(root, paths, context.signal);
  const tests = testResults.flatMap((file) =>
    file.assertionResults.map(({ status, fullName }) => ({
      file: path.relative(root, file.name),
      status,
      name: fullName,
    })),
  );
  const passed = tests.filter(({ status }) => status === 'passed');
  const failed = tests.filter(({ status }) => status === 'failed');
  const broken = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  );
  const byFile = Map.groupBy(passed, ({ file }) => file);
  return {
    rows: [
      { what: `tests of ${what}, passed`, value: `${passed.length} of ${tests.length}`, aim: 'all' },
      ...[...byFile].map(([file, { length }]) => ({ what: `\`${file}\``, value: String(length) })),
    ],
    details: { tests: passed.map(({ name }) => name) },
    problems: [
      ...failed.map(({ file, name }) => `${file}: ${name}`),
      ...broken.map(({ name, message }) => `${path.relative(root, name)}: ${message.slice(0, 300)}`),
      ...(tests.length === 0 ? ['no test was found'] : []),
    ],
    postgres: null,
  };
}

async function report(root: string, paths: readonly string[], signal: AbortSignal): Promise<TestReport> {
  const dir = mkdtempSync(path.join(tmpdir(), 'mesh-prove-tests-'));
  const file = path.join(dir, 'report.json');
  try {
    const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');
    const args = [vitest, 'run', ...paths, '--reporter=json', `--outputFile=${file}`];
    const child = spawn(process.execPath, args, { cwd: root, stdio: 'ignore', signal });
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', () => resolve());
    });
    return JSON.parse(readFileSync(file, 'utf8')) as TestReport;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
