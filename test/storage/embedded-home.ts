/** A home with its embedded server, seen from outside: commands that use it, the pids behind it, a question to it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectClient } from '../../src/postgres/connect.ts';

export interface DatabaseUser {
  process: ChildProcess;
  url: string;
}

/** A command that does not have the database yet; `ready` rejects when it ends before. */
export function spawnDatabaseUser(
  home: string,
  as: { uid?: number; gid?: number } = {},
): { process: ChildProcess; ready: Promise<DatabaseUser> } {
  const module = new URL('../../src/postgres/open-database.ts', import.meta.url).href;
  const code = `const { openDatabase } = await import('${module}');
    const database = await openDatabase({ home: process.argv[1] });
    console.log(database.url);
    process.stdin.on('end', () => database.close()).resume();`;
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', code, home];
  const child = spawn(process.execPath, args, { ...as, cwd: '/', stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit').then(([status]) => {
    throw new Error(`the user ended with ${status} before it had the database`);
  });
  ended.catch(() => {});
  const ready = Promise.race([once(child.stdout, 'data'), ended]).then(([said]) => ({
    process: child,
    url: String(said).trim(),
  }));
  ready.catch(() => {});
  return { process: child, ready };
}

/** A command that has the database open until it is ended; resolves when it said where the database is. */
export function startDatabaseUser(
  home: string,
  as: { uid?: number; gid?: number } = {},
): Promise<DatabaseUser> {
  return spawnDatabaseUser(home, as).ready;
}

export async function endUser(child: ChildProcess, how: 'SIGKILL' | 'end'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  if (how === 'end') child.stdin?.end();
  else child.kill(how);
  await gone;
}

export async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = await connectClient(url, { applicationName: 'test' });
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

export function readPostmasterPid(home: string): number {
  return Number.parseInt(readFileSync(join(home, 'postgres', 'data', 'postmaster.pid'), 'utf8'), 10);
}

/** The pid in the newest of the lock's files. */
export function readSupervisorPid(home: string): number {
  const dir = join(home, 'postgres', 'lock');
  const name = readdirSync(dir)
    .filter((file) => file.startsWith('lock.'))
    .toSorted((a, b) => Number(b.slice(5)) - Number(a.slice(5)))[0];
  return (JSON.parse(readFileSync(join(dir, name ?? ''), 'utf8')) as { pid: number }).pid;
}
