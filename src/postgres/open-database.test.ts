import type { ChildProcess } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findOrdinaryUser } from '../../test/ordinary-user.ts';
import {
  type DatabaseUser,
  endUser,
  query,
  readPostmasterPid,
  readSupervisorPid,
  startDatabaseUser,
} from '../../test/storage/embedded-home.ts';
import { openDatabase, waitForServerEnd } from './open-database.ts';
import { preparePaths } from './server-paths.ts';

let home = '';
let users: ChildProcess[] = [];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'meshwright-server-'));
  users = [];
});
afterEach(async () => {
  await Promise.all(users.map((user) => endUser(user, 'SIGKILL')));
  await waitForServerEnd(home);
  rmSync(home, { recursive: true, force: true });
});

const startUser = async (as = {}): Promise<DatabaseUser> => {
  const user = await startDatabaseUser(home, as);
  users.push(user.process);
  return user;
};
const postmasterPid = (): number => readPostmasterPid(home);
const supervisorPid = (): number => readSupervisorPid(home);

/** The journal's durability rests on these, so they are read from the server itself. */
const SETTINGS = `select current_setting('fsync') as fsync, current_setting('full_page_writes') as pages,
  current_setting('synchronous_commit') as commit, current_setting('listen_addresses') as tcp,
  current_setting('server_encoding') as encoding`;

describe('the embedded server', () => {
  it('is shared by commands that start together, durable, without TCP, and stops after the last one', async () => {
    const [one, two] = await Promise.all([startUser(), startUser()]);
    expect(two.url).toBe(one.url);
    expect(await query(one.url, SETTINGS)).toEqual([
      { fsync: 'on', pages: 'on', commit: 'on', tcp: '', encoding: 'UTF8' },
    ]);
    const pid = postmasterPid();
    await endUser(one.process, 'end');
    await delay(1_300);
    expect(await query(two.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(postmasterPid()).toBe(pid);
    await endUser(two.process, 'end');
    await waitForServerEnd(home);
    expect(existsSync(join(home, 'postgres', 'data', 'postmaster.pid'))).toBe(false);
    expect(readFileSync(join(home, 'logs', 'postgres.log'), 'utf8')).toContain(
      'database system is shut down',
    );
  });

  it('stops when its only user was killed with -9', async () => {
    const user = await startUser();
    await endUser(user.process, 'SIGKILL');
    await waitForServerEnd(home);
    expect(existsSync(join(home, 'postgres', 'data', 'postmaster.pid'))).toBe(false);
  });

  it('keeps running when its supervisor is killed: a user starts another, which takes it over', async () => {
    const user = await startUser();
    const [server, supervisor] = [postmasterPid(), supervisorPid()];
    process.kill(supervisor, 'SIGKILL');
    await expect.poll(supervisorPid, { timeout: 10_000 }).not.toBe(supervisor);
    expect(await query(user.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(postmasterPid()).toBe(server);
    await endUser(user.process, 'end');
    await waitForServerEnd(home);
    expect(existsSync(join(home, 'postgres', 'data', 'postmaster.pid'))).toBe(false);
  });

  it('comes back with its data after server and supervisor were killed, for who is there and who comes', async () => {
    const database = await openDatabase({ home });
    try {
      await query(database.url, 'create table kept (n int)');
      await query(database.url, 'insert into kept values (42)');
      process.kill(supervisorPid(), 'SIGKILL');
      process.kill(postmasterPid(), 'SIGKILL');
      const newcomer = await startUser();
      expect(newcomer.url).toBe(database.url);
      expect(await query(database.url, 'select n from kept')).toEqual([{ n: 42 }]);
    } finally {
      await database.close();
    }
  });

  it('is started again by its supervisor when it dies', async () => {
    const user = await startUser();
    const [server, supervisor] = [postmasterPid(), supervisorPid()];
    process.kill(server, 'SIGKILL');
    const answer = async (): Promise<unknown> =>
      (await query(user.url, 'select 1 as one').catch(() => []))[0];
    await expect.poll(answer, { timeout: 20_000 }).toEqual({ one: 1 });
    expect(postmasterPid()).not.toBe(server);
    expect(supervisorPid()).toBe(supervisor);
  });

  it('starts beside the remains of a killed first start, and over a pid file whose pid came round', async () => {
    const halfMade = join(home, 'postgres', 'initdb.4711');
    mkdirSync(halfMade, { recursive: true });
    writeFileSync(join(halfMade, 'PG_VERSION'), '18\n');
    const first = await startUser();
    expect(existsSync(halfMade)).toBe(false);
    await endUser(first.process, 'end');
    await waitForServerEnd(home);
    // This test's own pid lives, and is no PostgreSQL.
    writeFileSync(join(home, 'postgres', 'data', 'postmaster.pid'), `${process.pid}\n`);
    const second = await startUser();
    expect(await query(second.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('puts its sockets into a short private directory when the home is too long for one', async () => {
    const root = home;
    home = join(root, 'a-directory-with-a-long-name/'.repeat(5));
    mkdirSync(home, { recursive: true });
    const sockets = dirname(preparePaths(home).supervisorSocket);
    try {
      expect(sockets.startsWith(home)).toBe(false);
      const user = await startUser();
      expect(await query(user.url, 'select 1 as one')).toEqual([{ one: 1 }]);
      await endUser(user.process, 'end');
      await waitForServerEnd(home);
    } finally {
      rmSync(sockets, { recursive: true, force: true });
      home = root;
    }
  });

  const ordinary = findOrdinaryUser();
  it.skipIf(ordinary === null)('runs for an ordinary user as well as for root', async () => {
    if (ordinary === null) return;
    chownSync(home, ordinary.uid, ordinary.gid);
    const user = await startUser(ordinary);
    expect(await query(user.url, 'select current_user as me')).toEqual([{ me: 'meshwright' }]);
    await endUser(user.process, 'end');
  });
});

it('uses DATABASE_URL as it is and starts nothing', async () => {
  const databaseUrl = 'postgresql://somebody:secret@example.invalid/db';
  const database = await openDatabase({ home, databaseUrl });
  expect(database).toMatchObject({ url: databaseUrl, isEmbedded: false });
  await database.close();
  expect(readdirSync(home)).toEqual([]);
});
