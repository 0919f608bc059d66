import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { findOrdinaryUser } from '../../test/ordinary-user.ts';
import { identifyProcess } from '../base/process-identity.ts';
import { findProcesses, setUpBench, uniqueSeconds } from './bench-for-contract.ts';
import { bubblewrapDriver } from './bubblewrap-cell.ts';
import { writeCellRecord } from './cell-record.ts';
import { endLeftover, listLeftovers } from './leftovers.ts';
import { processDriver } from './process-cell.ts';

const checked = await bubblewrapDriver().preflight();
const names =
  checked.ok || process.env.CI === 'true' ? (['process', 'bubblewrap'] as const) : (['process'] as const);

const children: ChildProcessWithoutNullStreams[] = [];
const sleepers: number[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const pid of sleepers.splice(0)) process.kill(pid, 'SIGKILL');
});

const bench = setUpBench((base) => processDriver({ cellsDir: join(base, 'cells'), upstreamProxy: null }));
const cellsDir = () => join(bench.base(), 'cells');

function startOpener(
  driver: 'process' | 'bubblewrap',
  changes: { id?: string; argv?: string[]; stopsItself?: boolean } = {},
) {
  const spec = bench.spec({ id: changes.id ?? '7-agent' });
  const { argv = ['sleep', '600'], stopsItself = false } = changes;
  const order = { driver, cellsDir: cellsDir(), spec, argv, stopsItself };
  const program = join(import.meta.dirname, 'opener-program-contract.ts');
  const child = spawn(process.execPath, ['--no-warnings', program, JSON.stringify(order)]);
  children.push(child);
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  return { child, pid: child.pid ?? 0, said: () => text };
}

async function until(holds: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 15_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`never: ${what}`);
    await pause(20);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The shell leaves its session and ignores what can be ignored. */
function stubborn(seconds: string): string[] {
  return ['bash', '-c', `trap '' TERM HUP; setsid sleep ${seconds} & sleep ${seconds}; sleep ${seconds}`];
}

/** A cell takes some 100 ms to open: before, while and after its first process is started. */
const delaysMs = [0, 3, 10, 30, 60, 100, 150];

describe.each(names)('%s: what a dead or stopped opener leaves', (name) => {
  it('ends by itself when the opener is killed, and its folder is found and removed', async () => {
    const seconds = uniqueSeconds();
    const opener = startOpener(name, { argv: stubborn(seconds) });
    await until(() => findProcesses(`sleep\0${seconds}`).length === 2, 'the command runs');
    process.kill(opener.pid, 'SIGKILL');
    await until(() => findProcesses(seconds).length === 0, 'the command ended');
    await until(() => findProcesses(cellsDir()).length === 0, 'the cell ended');
    const [left, ...more] = await listLeftovers(cellsDir());
    expect(left).toMatchObject({
      id: '7-agent',
      isOpenerAlive: false,
      pids: [],
      opener: { pid: opener.pid },
    });
    expect(more).toEqual([]);
    await endLeftover(cellsDir(), '7-agent');
    await endLeftover(cellsDir(), '7-agent');
    expect(readdirSync(cellsDir())).toEqual([]);
  });

  it('is ended from another process while the opener is stopped, and stays ended when that goes on', async () => {
    const seconds = uniqueSeconds();
    const opener = startOpener(name, { argv: stubborn(seconds) });
    const other = startOpener(name, { id: '7-agent-2', argv: ['sleep', `${seconds}1`] });
    await until(() => findProcesses(`sleep\0${seconds}`).length === 3, 'the commands run');
    process.kill(opener.pid, 'SIGSTOP');
    const left = (await listLeftovers(cellsDir())).find(({ id }) => id === '7-agent');
    expect(left).toMatchObject({ isOpenerAlive: true });
    expect(left?.pids).toEqual(expect.arrayContaining(findProcesses(`sleep\0${seconds}\0`).map(Number)));
    await endLeftover(cellsDir(), '7-agent');
    expect(findProcesses(`sleep\0${seconds}\0`)).toEqual([]);
    expect(existsSync(left?.dir ?? '')).toBe(false);
    // The other cell is not concerned.
    expect(findProcesses(`${seconds}1`).length).toBeGreaterThan(0);
    process.kill(opener.pid, 'SIGCONT');
    await until(() => opener.said().includes('failed'), 'the opener notices');
    expect(opener.said()).toMatch(/failed cell 7-agent (ended|was ended)/);
    process.kill(other.pid, 'SIGKILL');
  });

  it('is found at whatever moment of opening the opener was killed', async () => {
    for (const delayMs of delaysMs) {
      const opener = startOpener(name);
      await until(() => opener.said().includes('opening'), 'it begins');
      await pause(delayMs);
      process.kill(opener.pid, 'SIGKILL');
      await endLeftover(cellsDir(), '7-agent');
      // What had been forked at that moment has nothing to start any more.
      await until(() => findProcesses(cellsDir()).length === 0, `nothing is left after ${delayMs} ms`);
      expect(existsSync(cellsDir()) ? readdirSync(cellsDir()) : []).toEqual([]);
    }
  });

  it('cannot come to life later: an opener stopped before it started anything finds nothing to start', async () => {
    const opener = startOpener(name, { stopsItself: true });
    const isStopped = () => / T /.test(readFileSync(`/proc/${opener.pid}/stat`, 'utf8'));
    await until(isStopped, 'it stops itself');
    expect(await listLeftovers(cellsDir())).toMatchObject([{ id: '7-agent', isOpenerAlive: true, pids: [] }]);
    await endLeftover(cellsDir(), '7-agent');
    process.kill(opener.pid, 'SIGCONT');
    await until(() => /failed|open\n/.test(opener.said()), 'it goes on');
    expect(opener.said()).toMatch(/failed/);
    await until(() => findProcesses(cellsDir()).length === 0, 'nothing runs');
  });

  it('cannot come to life later: an opener stopped in the middle of opening fails when it goes on', async () => {
    for (const delayMs of delaysMs) {
      const opener = startOpener(name);
      await until(() => opener.said().includes('opening'), 'it begins');
      await until(() => existsSync(cellsDir()) && readdirSync(cellsDir()).length > 0, 'its folder is there');
      await pause(delayMs);
      process.kill(opener.pid, 'SIGSTOP');
      await endLeftover(cellsDir(), '7-agent');
      process.kill(opener.pid, 'SIGCONT');
      await until(() => opener.said().includes('failed'), `it fails, stopped after ${delayMs} ms`);
      await until(() => findProcesses(cellsDir()).length === 0, `nothing runs after ${delayMs} ms`);
    }
  });
});

describe('ending what is left', () => {
  const opener = () => identifyProcess(process.pid) ?? { pid: 0, startedAt: '' };

  function leave(
    id: string,
    processes: { pid: number; startedAt: string }[],
    egressDir: string | null = null,
  ) {
    const token = `${id}.0123456789abcdef`;
    const dir = join(cellsDir(), token);
    mkdirSync(join(dir, 'tmp'), { recursive: true });
    writeCellRecord(dir, { format: 1, id, token, driver: 'process', opener: opener(), processes, egressDir });
    return { dir, token };
  }

  function startSleeper(): number {
    const { pid = 0 } = spawn('sleep', ['600'], { stdio: 'ignore' });
    sleepers.push(pid);
    return pid;
  }

  it('never touches a process that has only the pid of one', async () => {
    const pid = startSleeper();
    const startedAt = identifyProcess(pid)?.startedAt ?? '';
    leave('old', [{ pid, startedAt: startedAt.replace(/\d+$/, '1') }]);
    expect(await listLeftovers(cellsDir())).toMatchObject([{ id: 'old', pids: [] }]);
    await endLeftover(cellsDir(), 'old');
    expect(identifyProcess(pid)?.startedAt).toBe(startedAt);
    expect(readdirSync(cellsDir())).toEqual([]);
  });

  it('deletes nothing that a forged record names, and follows no link', async () => {
    const mine = join(bench.base(), 'mine');
    mkdirSync(mine);
    const { dir } = leave('forged', [], mine);
    spawnSync('ln', ['-s', mine, join(dir, 'tmp', 'link')]);
    await endLeftover(cellsDir(), 'forged');
    expect(existsSync(mine)).toBe(true);
    expect(existsSync(dir)).toBe(false);
  });

  it('finds the processes of a folder whose record was lost, by its name', async () => {
    const token = 'lost.0123456789abcdef';
    mkdirSync(join(cellsDir(), token), { recursive: true });
    const { pid = 0 } = spawn('sleep', ['600'], {
      stdio: 'ignore',
      env: { ...process.env, MESHWRIGHT_CELL: token },
    });
    await until(() => findProcesses('sleep\0').includes(String(pid)), 'it runs');
    await endLeftover(cellsDir(), 'lost');
    expect(identifyProcess(pid)).toBeUndefined();
    expect(readdirSync(cellsDir())).toEqual([]);
  });

  it('removes folders that nobody may enter and that are deeper than a path can be long', async () => {
    const { dir } = leave('deep', []);
    const script =
      'for i in $(seq 60); do mkdir $(printf d%0100d 0) && cd d*; done; mkdir closed; touch closed/x; chmod 0 closed';
    expect(spawnSync('sh', ['-c', script], { cwd: join(dir, 'tmp') }).status).toBe(0);
    await endLeftover(cellsDir(), 'deep');
    expect(readdirSync(cellsDir())).toEqual([]);
  });

  it('knows nothing where cells have no common folder', async () => {
    expect(await listLeftovers(null)).toEqual([]);
    await endLeftover(null, 'any');
  });

  it.runIf(findOrdinaryUser() !== null)('says which process does not end', () => {
    const pid = startSleeper();
    const known = identifyProcess(pid);
    leave('stuck', known === undefined ? [] : [known]);
    chmodSync(bench.base(), 0o755);
    const script = `
      const { endLeftover } = await import('${import.meta.dirname}/leftovers.ts');
      await endLeftover('${cellsDir()}', 'stuck').catch((error) => console.log(error.code, error.message));`;
    const user = ['--reuid', '1000', '--regid', '1000', '--clear-groups'];
    chmodSync(join(cellsDir(), 'stuck.0123456789abcdef'), 0o755);
    chmodSync(join(cellsDir(), 'stuck.0123456789abcdef', 'cell.json'), 0o644);
    const args = [...user, process.execPath, '--no-warnings', '--input-type=module', '-e', script];
    const ran = spawnSync('setpriv', args, { encoding: 'utf8', cwd: '/', env: { PATH: '/usr/bin:/bin' } });
    expect(ran.stdout).toContain(`cell_not_ended processes of the earlier cell stuck do not end: ${pid}`);
    expect(existsSync(join(cellsDir(), 'stuck.0123456789abcdef'))).toBe(true);
  });
});
