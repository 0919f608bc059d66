/** The embedded server, killed at the worst moments: while it is made, while it recovers, again and again. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  query,
  readPostmasterPid,
  readSupervisorPid,
  spawnDatabaseUser,
} from '../../test/storage/embedded-home.ts';
import { identifyProcess } from '../base/process-identity.ts';
import { type Database, openDatabase, waitForServerEnd } from './open-database.ts';
import { judgeDeath } from './supervisor.ts';

let home = '';
let database: Database | undefined;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'meshwright-faults-'));
});
afterEach(async () => {
  await database?.close();
  database = undefined;
  await waitForServerEnd(home);
  rmSync(home, { recursive: true, force: true });
});

const answers = async (url: string): Promise<boolean> =>
  query(url, 'select 1 as one').then(
    () => true,
    () => false,
  );

/** Kills the server as soon as another one than `known` runs; returns the pid of the killed. */
async function killNextServer(known: number): Promise<number> {
  for (;;) {
    const pid = await Promise.resolve()
      .then(() => readPostmasterPid(home))
      .catch(() => known);
    if (pid !== known && Number.isSafeInteger(pid) && identifyProcess(pid)) {
      process.kill(pid, 'SIGKILL');
      return pid;
    }
    await delay(2);
  }
}

it('comes back when it is killed again while it recovers, for a user who stays', async () => {
  database = await openDatabase({ home });
  const { url } = database;
  await query(url, 'create table kept (n int)');
  await query(url, 'insert into kept values (42)');
  const supervisor = readSupervisorPid(home);
  let killed = readPostmasterPid(home);
  process.kill(killed, 'SIGKILL');
  for (let count = 0; count < 3; count += 1) killed = await killNextServer(killed);
  await expect.poll(() => answers(url), { timeout: 30_000 }).toBe(true);
  expect(await query(url, 'select n from kept')).toEqual([{ n: 42 }]);
  expect(readSupervisorPid(home)).toBe(supervisor);
});

it('is made anew when its supervisor is killed in the middle of making it, and nothing half-made stays', async () => {
  const user = spawnDatabaseUser(home);
  const root = join(home, 'postgres');
  const halfMade = (): string | undefined =>
    existsSync(root) ? readdirSync(root).find((name) => name.startsWith('initdb.')) : undefined;
  // Its bootstrap process is at work inside by then.
  await expect
    .poll(() => existsSync(join(root, halfMade() ?? 'none', 'base', '1')), { timeout: 30_000, interval: 5 })
    .toBe(true);
  process.kill(readSupervisorPid(home), 'SIGKILL');
  try {
    const { url } = await user.ready;
    expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(halfMade()).toBeUndefined();
  } finally {
    const gone = once(user.process, 'exit');
    user.process.kill('SIGKILL');
    await gone;
  }
});

it('starts over a pid file that names a process which is dead but not reaped, and leaves a shell in its folder alone', async () => {
  await (await openDatabase({ home })).close();
  await waitForServerEnd(home);
  const data = join(home, 'postgres', 'data');
  // The shell becomes a program that never reaps what the shell had started; by then that must not have ended yet.
  const parent = spawn('sh', ['-c', 'sleep 1 & echo $!; exec sleep 600'], {
    cwd: data,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [said] = (await once(parent.stdout, 'data')) as [Buffer];
    const zombie = Number(said.toString().trim());
    await expect.poll(() => identifyProcess(zombie), { timeout: 20_000 }).toBeUndefined();
    expect(existsSync(`/proc/${zombie}`) || process.platform !== 'linux').toBe(true);
    writeFileSync(join(data, 'postmaster.pid'), `${zombie}\n${data}\n`);
    database = await openDatabase({ home });
    expect(await query(database.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(parent.exitCode ?? parent.signalCode).toBeNull();
  } finally {
    const gone = once(parent, 'exit');
    parent.kill('SIGKILL');
    await gone;
  }
});

it('does not wait for what the dead server was still calculating', async () => {
  database = await openDatabase({ home });
  const { url } = database;
  // Half a minute and more of pure calculation, in which a server process does not look whether its parent lives.
  const long = query(url, 'select count(*) from (select generate_series(1, 500000000)) as long_series');
  const ended = long.then(
    () => 'answered',
    () => 'lost',
  );
  const isCalculating = `select from pg_stat_activity where query like '%long_series' and pid <> pg_backend_pid()`;
  await expect.poll(async () => (await query(url, isCalculating)).length, { timeout: 10_000 }).toBe(1);
  process.kill(readPostmasterPid(home), 'SIGKILL');
  expect(await ended).toBe('lost');
  await expect.poll(() => answers(url), { timeout: 30_000 }).toBe(true);
});

it('is given up only after quick deaths in a row', () => {
  const live = (livesMs: number[]) => {
    let quickDeaths = 0;
    return livesMs.map((livedMs) => {
      const verdict = judgeDeath({ quickDeaths, livedMs });
      if (verdict === 'give up') return verdict;
      quickDeaths = verdict.quickDeaths;
      return verdict.waitMs;
    });
  };
  expect(live([100, 100, 100, 100, 100, 100])).toEqual([0, 100, 200, 400, 800, 'give up']);
  expect(live([100, 100, 100, 100, 60_000, 100, 100])).toEqual([0, 100, 200, 400, 0, 100, 200]);
});
