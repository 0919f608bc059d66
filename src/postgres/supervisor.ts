/**
 * The supervisor of one home's embedded server: starts it, tells every user where it is, restarts it when it dies,
 * and stops it when the last user has left. A user is a connection to its socket, so the kernel reports even a
 * user that was killed. Runs in a process of its own (supervisor-main.ts).
 */
import { rmSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { MeshwrightError, messageOf } from '../base/errors.ts';
import { diskFullAt, isOutOfSpace } from './free-space.ts';
import { tryLock } from './generation-lock.ts';
import { type PostgresProcess, startPostgres } from './postgres-process.ts';
import { connectionUrl, type ServerPaths } from './server-paths.ts';
import type { SupervisorMessage } from './supervisor-message.ts';

const LINGER_MS = 1_000;
/** Whoever started us connects within this; else it was killed before. */
const FIRST_USER_WITHIN_MS = 10_000;
const LOCK_WITHIN_MS = 60_000;
/** A server that lived this long is well; its death says nothing about the next one. */
const HEALTHY_AFTER_MS = 10_000;
const MAX_QUICK_DEATHS = 5;
/** After the second quick death in a row; doubles with each. */
const RESTART_WAIT_MS = 100;

/** Resolves when the server is stopped, or when another supervisor serves this home. */
export async function runSupervisor(
  paths: ServerPaths,
  options: { logFd: number; log: (line: string) => void; stop: AbortSignal },
): Promise<void> {
  if (!(await becomeSupervisor(paths))) return;
  const users = new Set<net.Socket>();
  let message: SupervisorMessage | undefined;
  const tell = (next: SupervisorMessage): void => {
    message = next;
    for (const user of users) user.write(`${JSON.stringify(next)}\n`);
  };
  const idle = createIdleTimer();
  const firstUser = Promise.withResolvers<void>();
  const door = net.createServer((user) => {
    users.add(user);
    idle.stop();
    user.on('error', () => {});
    user.on('close', () => {
      users.delete(user);
      if (users.size === 0) idle.start(LINGER_MS);
    });
    user.resume();
    if (message) user.write(`${JSON.stringify(message)}\n`);
    firstUser.resolve();
  });
  rmSync(paths.supervisorSocket, { force: true });
  await new Promise<void>((resolve, reject) => {
    door.once('error', reject);
    door.listen(paths.supervisorSocket, resolve);
  });
  idle.start(FIRST_USER_WITHIN_MS);
  const stopped = new Promise<void>((resolve) => options.stop.addEventListener('abort', () => resolve()));
  const isOver = Promise.race([idle.elapsed, stopped]);
  try {
    await keepServerRunning(paths, options, tell, isOver);
  } catch (error) {
    options.log(messageOf(error));
    const { code, hint } =
      error instanceof MeshwrightError ? error : { code: 'database_start_failed', hint: undefined };
    tell({
      state: 'failed',
      code,
      message: messageOf(error),
      hint: hint ?? `Look at the end of ${paths.log}.`,
    });
    // It may have failed before whoever started it was at the door; leaving unheard would only have it started again.
    await Promise.race([firstUser.promise, isOver]);
  } finally {
    rmSync(paths.supervisorSocket, { force: true });
    door.close();
    for (const user of users) user.end();
  }
}

/** False when another one serves already. Waits for one that is about to end. */
async function becomeSupervisor(paths: ServerPaths): Promise<boolean> {
  const deadline = performance.now() + LOCK_WITHIN_MS;
  while (!tryLock(join(paths.root, 'lock'))) {
    if (await answers(paths.supervisorSocket)) return false;
    if (performance.now() > deadline) return false;
    await delay(50);
  }
  return true;
}

/** Returns after a clean stop; throws when the server cannot be started, or dies quickly again and again. */
async function keepServerRunning(
  paths: ServerPaths,
  options: { logFd: number; log: (line: string) => void },
  tell: (message: SupervisorMessage) => void,
  isOver: Promise<void>,
): Promise<void> {
  for (let quickDeaths = 0; ; ) {
    const server: PostgresProcess = await startPostgres(paths, { logFd: options.logFd });
    const readyAt = performance.now();
    tell({ state: 'ready', url: connectionUrl(paths, 'meshwright'), pid: server.pid });
    const ended = await Promise.race([isOver.then(() => 'over'), server.exited.then(() => 'died')]);
    if (ended === 'over') {
      // New users must not find us any more while the server goes down.
      rmSync(paths.supervisorSocket, { force: true });
      return server.stop();
    }
    options.log(`the server (pid ${server.pid}) died; starting it again`);
    const verdict = judgeDeath({ quickDeaths, livedMs: performance.now() - readyAt });
    if (verdict === 'give up') throw diedAgainAndAgain(paths);
    quickDeaths = verdict.quickDeaths;
    const wait = delay(verdict.waitMs, 'waited');
    if ((await Promise.race([isOver, wait])) !== 'waited') return;
  }
}

/** What to do about a server that died `livedMs` after it was ready, the last `quickDeaths` of them quickly. */
export function judgeDeath(death: {
  quickDeaths: number;
  livedMs: number;
}): { quickDeaths: number; waitMs: number } | 'give up' {
  const quickDeaths = death.livedMs < HEALTHY_AFTER_MS ? death.quickDeaths + 1 : 1;
  if (quickDeaths > MAX_QUICK_DEATHS) return 'give up';
  return { quickDeaths, waitMs: quickDeaths === 1 ? 0 : RESTART_WAIT_MS * 2 ** (quickDeaths - 2) };
}

function diedAgainAndAgain(paths: ServerPaths): MeshwrightError {
  if (isOutOfSpace(paths.data, '')) return diskFullAt(paths.data, 'the embedded PostgreSQL cannot run');
  return new MeshwrightError('database_start_failed', 'The embedded PostgreSQL died again and again.', {
    hint: `Look at the end of ${paths.log}.`,
  });
}

function createIdleTimer(): { start(ms: number): void; stop(): void; elapsed: Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>();
  let timer: NodeJS.Timeout | undefined;
  const stop = (): void => {
    clearTimeout(timer);
    timer = undefined;
  };
  return {
    elapsed: promise,
    stop,
    start(ms) {
      stop();
      const started = setTimeout(() => {
        // A user who came while the process was busy (initdb blocks it) is let in first, and stops the timer.
        setImmediate(() => {
          if (timer === started) resolve();
        });
      }, ms);
      timer = started;
    },
  };
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
