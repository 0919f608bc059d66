/**
 * The door to the database: DATABASE_URL as it is, or the home's embedded server, shared by all processes that have
 * it open and stopped after the last one. Holds the connection that says "I am using it".
 */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { MeshwrightError, messageOf } from '../base/errors.ts';
import { diskFullAt, isOutOfSpace } from './free-space.ts';
import { isLocked } from './generation-lock.ts';
import { preparePaths, type ServerPaths } from './server-paths.ts';
import type { SupervisorMessage } from './supervisor-message.ts';

export interface Database {
  /** For pg and for libpq. */
  url: string;
  isEmbedded: boolean;
  /** Of the embedded server. */
  dataDir?: string;
  /** Why the embedded server cannot be run just now; undefined while it can. Absent with DATABASE_URL. */
  whyDown?: () => MeshwrightError | undefined;
  /** Says that this process no longer uses the embedded server. Close the journal first. */
  close(): Promise<void>;
}

const READY_WITHIN_MS = 150_000;
const REJOIN_AGAIN_MS = 2_000;
/** A supervisor that ends by itself this often without a word cannot even open its door. */
const MAX_SILENT_FAILURES = 3;
const MAX_LOG_BYTES = 10_000_000;

/**
 * `home` is $MESHWRIGHT_HOME. Several calls, of several processes, share one server per home.
 * @throws MeshwrightError `database_no_binaries`, `database_start_failed`, `disk_full` and the others of the server's
 * start.
 */
export async function openDatabase(options: {
  home: string;
  databaseUrl?: string | undefined;
  log?: (line: string) => void;
}): Promise<Database> {
  const { home, databaseUrl, log = () => {} } = options;
  if (databaseUrl !== undefined && databaseUrl !== '') {
    return { url: databaseUrl, isEmbedded: false, close: async () => {} };
  }
  const paths = namingFullDisk(home, () => preparePaths(home));
  const closing = new AbortController();
  let membership = await joinServer(home, paths, log, closing.signal);
  const { url } = membership.ready;
  let trouble: MeshwrightError | undefined;

  // A supervisor that was killed is replaced: otherwise the server would run on with nobody to stop it.
  const rejoin = async (): Promise<void> => {
    await membership.left;
    while (!closing.signal.aborted) {
      log('the database supervisor ended; starting it again');
      try {
        membership = await joinServer(home, paths, log, closing.signal);
        trouble = undefined;
        if (closing.signal.aborted) membership.socket.destroy();
        await membership.left;
      } catch (error) {
        if (closing.signal.aborted) break;
        if (error instanceof MeshwrightError) trouble = error;
        log(messageOf(error));
        await delay(REJOIN_AGAIN_MS, undefined, { signal: closing.signal, ref: false }).catch(() => {});
      }
    }
  };
  const rejoining = rejoin();
  return {
    url,
    isEmbedded: true,
    dataDir: paths.data,
    whyDown: () => trouble,
    async close() {
      closing.abort();
      membership.socket.destroy();
      await rejoining;
    },
  };
}

/** Resolves when nothing of the home's embedded server runs any more; all its users must have left. */
export async function waitForServerEnd(home: string): Promise<void> {
  const { root } = preparePaths(home);
  while (isLocked(join(root, 'lock'))) await delay(50);
}

interface Membership {
  socket: net.Socket;
  ready: Extract<SupervisorMessage, { state: 'ready' }>;
  left: Promise<void>;
}

/** Connects to the supervisor, starting one as often as none answers, until it says that the server is ready. */
async function joinServer(
  home: string,
  paths: ServerPaths,
  log: (line: string) => void,
  closing: AbortSignal,
): Promise<Membership> {
  const deadline = performance.now() + READY_WITHIN_MS;
  let started: StartedSupervisor | undefined;
  let failureCount = 0;
  while (performance.now() < deadline && failureCount < MAX_SILENT_FAILURES && !closing.aborted) {
    const socket = await connectSupervisor(paths.supervisorSocket);
    if (socket) {
      const left = new Promise<void>((resolve) => socket.once('close', () => resolve()));
      // The server may take minutes to recover; whoever leaves does not wait for it.
      const leave = (): void => void socket.destroy();
      closing.addEventListener('abort', leave, { once: true });
      const message = await readMessage(socket, left);
      closing.removeEventListener('abort', leave);
      if (message?.state === 'ready') {
        socket.unref();
        socket.resume();
        return { socket, ready: message, left };
      }
      socket.destroy();
      if (message) throw new MeshwrightError(message.code, message.message, { hint: message.hint });
      continue;
    }
    if (!started || started.ended !== undefined) {
      if (started === undefined) log('starting the embedded PostgreSQL');
      if (started?.ended === 'failed') failureCount += 1;
      started = namingFullDisk(home, () => spawnSupervisor(home, paths));
    }
    await delay(20);
  }
  const last = lastLine(paths.log);
  if (isOutOfSpace(paths.root, last)) throw diskFullAt(home, 'the embedded PostgreSQL cannot run');
  throw new MeshwrightError(
    'database_start_failed',
    `The embedded PostgreSQL of ${home} did not get ready in time.`,
    {
      hint: `The log ${paths.log} ends with: ${last}`,
    },
  );
}

/** @throws MeshwrightError `disk_full` instead of the system's own error. */
function namingFullDisk<T>(home: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    throw diskFullAt(home, 'the embedded PostgreSQL cannot run', error);
  }
}

interface StartedSupervisor {
  /** Undefined while it runs; `failed` when it gave up by itself. */
  ended: 'failed' | 'other' | undefined;
}

function connectSupervisor(path: string): Promise<net.Socket | undefined> {
  return new Promise((resolve) => {
    const socket = net.connect(path);
    socket.once('connect', () => resolve(socket));
    socket.on('error', () => resolve(undefined));
  });
}

/** Undefined when the supervisor left without a word: it was ending as we came. */
async function readMessage(socket: net.Socket, left: Promise<void>): Promise<SupervisorMessage | undefined> {
  let text = '';
  const line = new Promise<string>((resolve) => {
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')));
    });
  });
  const said = await Promise.race([line, left]);
  return said === undefined ? undefined : (JSON.parse(said) as SupervisorMessage);
}

/** Outlives us: own session, no inherited descriptors but the log, and an environment without anybody's keys. */
function spawnSupervisor(home: string, paths: ServerPaths): StartedSupervisor {
  const main = new URL(
    import.meta.url.endsWith('.ts') ? 'supervisor-main.ts' : 'supervisor-main.js',
    import.meta.url,
  );
  if (existsSync(paths.log) && statSync(paths.log).size > MAX_LOG_BYTES)
    renameSync(paths.log, `${paths.log}.1`);
  const logFd = openSync(paths.log, 'a', 0o600);
  try {
    const args = ['--disable-warning=ExperimentalWarning', fileURLToPath(main), home];
    const { PATH = '/usr/bin:/bin', HOME = '/' } = process.env;
    const child = spawn(process.execPath, args, {
      cwd: '/',
      detached: true,
      env: { PATH, HOME, LC_ALL: 'C' },
      stdio: ['ignore', logFd, logFd],
    });
    const state: StartedSupervisor = { ended: undefined };
    child.once('exit', (code) => {
      state.ended = code === null || code === 0 ? 'other' : 'failed';
    });
    child.once('error', () => {
      state.ended = 'failed';
    });
    child.unref();
    return state;
  } finally {
    closeSync(logFd);
  }
}

function lastLine(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim().split('\n').at(-1) ?? '';
  } catch {
    return '(it cannot be read)';
  }
}
