/**
 * The embedded server's data directory: made whole or not at all, and found free of a dead server's remains before
 * a new one starts. Knows nothing of users or connections.
 */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { MeshwrightError } from '../base/errors.ts';
import { identifyProcess } from '../base/process-identity.ts';
import { diskFullAt, isOutOfSpace } from './free-space.ts';
import { giveTo, type Launcher } from './server-launcher.ts';
import type { ServerPaths } from './server-paths.ts';

const HALF_MADE = /^initdb\.\d+$/;
const ORPHANS_END_WITHIN_MS = 1_000;

/**
 * initdb beside the final place, then a rename: a crash leaves no half-made data directory that looks whole.
 * @throws MeshwrightError `database_initdb_failed`, `disk_full`.
 */
export function ensureDataDirectory(
  paths: ServerPaths,
  initdb: { path: string; env: NodeJS.ProcessEnv },
  launcher: Launcher,
): void {
  for (const name of readdirSync(paths.root)) {
    if (HALF_MADE.test(name)) removeHalfMade(join(paths.root, name));
  }
  if (existsSync(join(paths.data, 'PG_VERSION'))) {
    giveTo(launcher, paths.data);
    return;
  }
  const made = join(paths.root, `initdb.${process.pid}`);
  mkdirSync(made, { mode: 0o700 });
  giveTo(launcher, made);
  // The built-in locale needs nothing of the system's; the same order and case rules everywhere.
  const options = ['-U', 'meshwright', '-E', 'UTF8', '--locale=C', '--locale-provider=builtin'];
  const access = ['--builtin-locale=C.UTF-8', '--auth=trust'];
  const [command, ...args] = [...launcher.prefix, initdb.path, '-D', made, ...options, ...access];
  const result = spawnSync(command ?? '', args, {
    ...launcher.spawn,
    env: initdb.env,
    cwd: '/',
    encoding: 'utf8',
  });
  if (result.status !== 0) {
    const isFull = isOutOfSpace(paths.root, `${result.stderr}`);
    rmSync(made, { recursive: true, force: true });
    const said = result.error?.message ?? `${result.stderr}`.trim();
    if (isFull) throw diskFullAt(paths.data, 'the embedded PostgreSQL could not be set up there');
    throw new MeshwrightError(
      'database_initdb_failed',
      `Could not create the database in ${paths.data}: ${said}`,
      {
        hint: 'Check free space and permissions there, or set DATABASE_URL.',
      },
    );
  }
  renameSync(made, paths.data);
}

/** An initdb that outlived its killed supervisor would go on writing into it. */
function removeHalfMade(dir: string): void {
  for (const pid of processesIn(dir) ?? []) signalQuietly(pid, 'SIGKILL');
  rmSync(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
}

/** The pid in the data directory's postmaster.pid, if that very server still runs; it may be used by nobody else. */
export function findRunningServer(data: string): number | undefined {
  const pid = readPostmasterPid(data);
  if (pid === undefined || !identifyProcess(pid)) return undefined;
  const users = processesIn(data);
  // Without /proc PostgreSQL's own check of the file has to do.
  return users === undefined || users.includes(pid) ? pid : undefined;
}

/**
 * After a kill -9 the pid file stays, and the socket's lock file too; they block the start when the pid is a zombie
 * or came round. Both are removed once no process works in the data directory: backends that outlive their
 * postmaster could still write, and would first finish what they are at, however long it takes.
 */
export async function clearDeadServer(paths: ServerPaths): Promise<void> {
  const deadline = performance.now() + ORPHANS_END_WITHIN_MS;
  for (;;) {
    const orphans = processesIn(paths.data);
    // Without /proc PostgreSQL's own check of the files has to do.
    if (orphans === undefined) return;
    if (orphans.length === 0) break;
    // Recovery starts from what is on disk in any case, so nothing is lost by the second, harder signal.
    const signal = performance.now() > deadline ? 'SIGKILL' : 'SIGQUIT';
    for (const pid of orphans) signalQuietly(pid, signal);
    await delay(10);
  }
  rmSync(join(paths.data, 'postmaster.pid'), { force: true });
  rmSync(paths.serverSocketDir, { recursive: true, force: true });
}

function readPostmasterPid(data: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(join(data, 'postmaster.pid'), 'utf8'), 10);
    return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Living processes of a server whose working directory this is, not somebody's shell that stands there. Undefined
 * without /proc.
 */
function processesIn(data: string): number[] | undefined {
  if (process.platform !== 'linux') return undefined;
  const real = realpathSync(data);
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isSafeInteger(pid) && workingDirectory(pid) === real && isPostgres(pid));
}

function isPostgres(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'postgres';
  } catch {
    return false;
  }
}

function workingDirectory(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

function signalQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended in the meantime.
  }
}
