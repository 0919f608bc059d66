/** One running PostgreSQL server: started or adopted, waited for, stopped. Knows nothing of who uses it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'pg';
import pg from 'pg';
import { MeshwrightError } from '../base/errors.ts';
import { identifyProcess, isSameProcessAlive } from '../base/process-identity.ts';
import { connectClient } from './connect.ts';
import { clearDeadServer, ensureDataDirectory, findRunningServer } from './data-directory.ts';
import { findBinaries, prepareBinaries } from './embedded-binaries.ts';
import { diskFullAt, isOutOfSpace, readLogSince } from './free-space.ts';
import { requireSameMajor } from './require-same-major.ts';
import { chooseLauncher, giveTo, type Launcher } from './server-launcher.ts';
import { connectionUrl, type ServerPaths } from './server-paths.ts';

export interface PostgresProcess {
  pid: number;
  /** Resolves when the process is gone: `killed` by a signal, or ended by itself; `killed` also where nobody knows. */
  exited: Promise<'killed' | 'ended'>;
  /** Ends connections, writes a checkpoint, exits; harder after `STOP_WITHIN_MS`. */
  stop(): Promise<void>;
}

/** Without a word; while it recovers from a crash it says so, and giving up would only make it start again. */
const READY_WITHIN_MS = 120_000;
const ADOPT_WITHIN_MS = 10_000;
const STOP_WITHIN_MS = 30_000;
/** How soon the death of a server that is not our child is seen. */
const WATCH_EVERY_MS = 50;
/** Whoever kills a server that is starting does not do it for ever. */
const MAX_KILLED_STARTS = 5;
const KILLED_START_WAIT_MS = 200;
const STARTING_UP = '57P03';
const DATABASE = 'meshwright';

/**
 * Brings up the home's server, taking over one that outlived its supervisor. Accepts connections when it resolves.
 * @throws MeshwrightError `database_no_binaries`, `database_cannot_start_as_root`, `database_initdb_failed`,
 * `database_major_upgrade`, `database_start_failed`, `disk_full`.
 */
export async function startPostgres(
  paths: ServerPaths,
  options: { logFd: number; launchers?: readonly Launcher[] },
): Promise<PostgresProcess> {
  const adopted = await adoptServer(paths);
  if (adopted) return adopted;
  const { nativeDir } = findBinaries();
  requireSameMajor(paths.data, nativeDir);
  const binaries = prepareBinaries(nativeDir, `${paths.root}/lib`);
  const env = serverEnvironment(binaries.libraryDir);
  const launcher = chooseLauncher(paths.root, { path: binaries.postgres, env }, options.launchers);
  ensureDataDirectory(paths, { path: binaries.initdb, env }, launcher);
  for (let killedCount = 0; ; killedCount += 1) {
    await clearDeadServer(paths);
    const logOffset = statSync(paths.log, { throwIfNoEntry: false })?.size ?? 0;
    const server = launchServer(paths, { command: binaries.postgres, env, launcher, logFd: options.logFd });
    if (await becomesReady(paths, server, READY_WITHIN_MS)) return server;
    const ended = await Promise.race([server.exited, Promise.resolve('still running')]);
    await server.stop();
    if (ended !== 'killed' || killedCount >= MAX_KILLED_STARTS) throw startFailed(paths, logOffset);
    await delay(KILLED_START_WAIT_MS);
  }
}

async function adoptServer(paths: ServerPaths): Promise<PostgresProcess | undefined> {
  const running = existsSync(paths.data) ? findRunningServer(paths.data) : undefined;
  if (running === undefined) return undefined;
  const adopted = adoptProcess(running);
  if (await becomesReady(paths, adopted, ADOPT_WITHIN_MS)) return adopted;
  await adopted.stop();
  return undefined;
}

function launchServer(
  paths: ServerPaths,
  options: { command: string; env: NodeJS.ProcessEnv; launcher: Launcher; logFd: number },
): PostgresProcess {
  const { launcher, logFd } = options;
  mkdirSync(paths.serverSocketDir, { recursive: true, mode: 0o700 });
  chmodSync(paths.serverSocketDir, 0o700);
  giveTo(launcher, paths.serverSocketDir);
  const [command = '', ...args] = [...launcher.prefix, options.command, ...serverArguments(paths)];
  const child = spawn(command, args, {
    ...launcher.spawn,
    cwd: '/',
    env: options.env,
    stdio: ['ignore', logFd, logFd],
    // Its own session, so that a signal to our group never reaches it: only stop() ends it.
    detached: true,
  });
  return ownProcess(child);
}

function startFailed(paths: ServerPaths, logOffset: number): MeshwrightError {
  if (isOutOfSpace(paths.data, readLogSince(paths.log, logOffset))) {
    return diskFullAt(paths.data, 'the embedded PostgreSQL cannot run');
  }
  return new MeshwrightError(
    'database_start_failed',
    `The embedded PostgreSQL did not start in ${paths.data}.`,
    {
      hint: `Look at the end of ${paths.log}.`,
    },
  );
}

/** Nothing of ours: no keys, no NODE_OPTIONS, no PG* settings. */
function serverEnvironment(libraryDir: string | undefined): NodeJS.ProcessEnv {
  const path = process.env.PATH ?? '/usr/bin:/bin';
  return {
    PATH: path,
    LC_ALL: 'C',
    TZ: 'UTC',
    ...(libraryDir !== undefined && { LD_LIBRARY_PATH: libraryDir }),
  };
}

function serverArguments(paths: ServerPaths): string[] {
  const settings = {
    listen_addresses: '',
    unix_socket_directories: paths.serverSocketDir,
    unix_socket_permissions: '0700',
    fsync: 'on',
    full_page_writes: 'on',
    synchronous_commit: 'on',
    max_connections: '200',
    max_wal_size: '512MB',
    log_checkpoints: 'off',
  };
  return [
    '-D',
    paths.data,
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
}

function ownProcess(child: ChildProcess): PostgresProcess {
  const exited = new Promise<'killed' | 'ended'>((resolve) => {
    child.once('exit', (_code, signal) => resolve(signal === null ? 'ended' : 'killed'));
    child.once('error', () => resolve('ended'));
  });
  return { pid: child.pid ?? 0, exited, stop: () => stopProcess(child.pid, exited) };
}

function adoptProcess(pid: number): PostgresProcess {
  const identity = identifyProcess(pid);
  const watch = async (): Promise<'killed'> => {
    while (identity && isSameProcessAlive(identity)) await delay(WATCH_EVERY_MS);
    return 'killed';
  };
  const exited = watch();
  return { pid, exited, stop: () => stopProcess(pid, exited) };
}

/** Fast, then immediate, then by force: the last two leave the rest to crash recovery. */
async function stopProcess(pid: number | undefined, exited: Promise<unknown>): Promise<void> {
  if (pid === undefined || pid === 0) return;
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    try {
      process.kill(pid, signal);
    } catch {
      return;
    }
    const timer = new AbortController();
    const timeout = delay(STOP_WITHIN_MS, 'late', { signal: timer.signal }).catch(() => 'late');
    const ended = await Promise.race([exited.then(() => 'exited'), timeout]);
    timer.abort();
    if (ended === 'exited') return;
  }
}

/**
 * False when the process ended, or did not answer in time; recovering from a crash is an answer. Makes the database on
 * the first start.
 */
async function becomesReady(paths: ServerPaths, server: PostgresProcess, withinMs: number): Promise<boolean> {
  let deadline = performance.now() + withinMs;
  let hasExited = false;
  server.exited.then(() => {
    hasExited = true;
  });
  while (!hasExited && performance.now() < deadline) {
    try {
      const client = await connectClient(connectionUrl(paths, 'postgres'), {
        applicationName: 'meshwright supervisor',
      });
      try {
        await ensureDatabase(client);
        return true;
      } finally {
        await client.end();
      }
    } catch (error) {
      if (isStartingUp(error)) deadline = performance.now() + withinMs;
      await delay(20);
    }
  }
  return false;
}

function isStartingUp(error: unknown): boolean {
  const cause = error instanceof MeshwrightError ? error.cause : error;
  return cause instanceof pg.DatabaseError && cause.code === STARTING_UP;
}

async function ensureDatabase(client: Client): Promise<void> {
  const { rowCount } = await client.query('select from pg_database where datname = $1', [DATABASE]);
  if (rowCount === 0) await client.query(`create database ${DATABASE}`);
}
