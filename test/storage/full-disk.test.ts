/**
 * The embedded server on a disk that is really full: a small file system of its own, in a namespace of a child process,
 * so that nothing is left behind and nothing else is disturbed.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it, type TestContext } from 'vitest';
import type { FullDiskReport, Refusal } from './full-disk-process.ts';

/** Its processes, its mounts and its own /proc; all of it ends with the first process. */
const NAMESPACE = ['-Urmpf', '--mount-proc', '--kill-child'];
const MOUNT = 'mount -t tmpfs -o size=140m tmpfs "$1"';
const PROGRAM = fileURLToPath(new URL('full-disk-process.ts', import.meta.url));
let mountPoint = '';
let child: ChildProcess | undefined;

beforeEach(() => {
  mountPoint = mkdtempSync(join(tmpdir(), 'meshwright-full-'));
});
afterEach(async () => {
  if (child && child.exitCode === null && child.signalCode === null) {
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
  rmSync(mountPoint, { recursive: true, force: true });
});

function skipWithoutMount(context: TestContext): void {
  const { status } = spawnSync('unshare', [...NAMESPACE, 'sh', '-c', MOUNT, 'sh', mountPoint], {
    stdio: 'ignore',
  });
  if (status !== 0) context.skip('this machine lets nobody mount a file system in a namespace of their own');
}

async function runOnSmallDisk(outOf: 'tables' | 'log'): Promise<FullDiskReport> {
  // The shell stays, as the first process of the namespace: it takes care of those that lost their parents.
  const script = `${MOUNT} && "$2" --disable-warning=ExperimentalWarning "$3" "$1" "$4"; exit $?`;
  const args = [...NAMESPACE, 'sh', '-c', script, 'sh', mountPoint, process.execPath, PROGRAM, outOf];
  const running = spawn('unshare', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  child = running;
  let [said, complained] = ['', ''];
  running.stdout.on('data', (chunk: Buffer) => {
    said += chunk;
  });
  running.stderr.on('data', (chunk: Buffer) => {
    complained += chunk;
  });
  const [status] = await once(running, 'close');
  expect(status, complained).toBe(0);
  // Nothing but the report: no warning, no unhandled error.
  expect(complained).toBe('');
  return JSON.parse(said) as FullDiskReport;
}

function expectClearLine(refusal: Refusal | null): void {
  expect(refusal).toEqual({
    code: 'disk_full',
    message: expect.stringMatching(/^The disk of .*meshwright-full-.*postgres\/data\)? is full: [^\n]+\.$/),
    hint: expect.stringMatching(/^Free space there;/),
  });
}

function expectNothingLost(report: FullDiskReport): void {
  expect(report.acknowledged).toBeGreaterThan(1);
  expect(report).toMatchObject({
    stored: report.acknowledged,
    isChainIntact: true,
    wasLoggedAfterwards: true,
  });
}

it('refuses appends and blobs in one clear line, reads on, and goes on when space is freed', async (context) => {
  skipWithoutMount(context);
  const report = await runOnSmallDisk('tables');
  const { append, appendAgain, blob, newcomer } = report.refusals;
  for (const refusal of [append, appendAgain, blob]) expectClearLine(refusal);
  expect(newcomer).toBeNull();
  expect(report.readWhileFull).toBeGreaterThan(0);
  expectNothingLost(report);
});

it('says the same to everybody while PostgreSQL cannot even run, and the same process goes on afterwards', async (context) => {
  skipWithoutMount(context);
  const report = await runOnSmallDisk('log');
  for (const refusal of Object.values(report.refusals)) expectClearLine(refusal);
  expect(report.readWhileFull).toBeNull();
  expectNothingLost(report);
});
