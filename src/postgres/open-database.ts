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
import { isLocked } from './generation-lock.ts';
import { preparePaths, type ServerPaths } from './server-paths.ts';
import type { SupervisorMessage } from './supervisor-message.ts';

export interface Database {
  /** For pg and for libpq. */
  url: string;
  isEmbedded: boolean;
  /** Says that this process no longer uses the embedded server. Close the journal first. */
  close(): Promise<void>;
}

const READY_WITHIN_MS = 150_000;
const REJOIN_AGAIN_MS = 2_000;
const MAX_LOG_BYTES = 10_000_000;

/**
 * `home` is $MESHWRIGHT_HOME. Several calls, of several processes, share one server per home.
 * @throws MeshwrightError `database_no_binaries`, `database_start_failed` and the others of the server's start.
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
  const paths = preparePaths(home);
  const closing = new AbortController();
  let membership = await joinServer(home, paths, log, closing.signal);
  const { url } = membership.ready;

  // A supervisor that was killed is replaced: otherwise the server would run on with nobody to stop it.
  const rejoin = async (): Promise<void> => {
    await membership.left;
    while (!closing.signal.aborted) {
      log('the database supervisor ended; starting it again');
      try {
        membership = await joinServer(home, paths, log, closing.signal);
        if (closing.signal.aborted) membership.socket.destroy();
        await membership.left;
      } catch (error) {
        log(messageOf(error));
        await delay(REJOIN_AGAIN_MS, undefined, { signal: closing.signal, ref: false }).catch(() => {});
      }
    }
  };
  const rejoining = rejoin();
  return {
    url,
    isEmbedded: true,
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
  let started: { hasEnded: boolean } | undefined;
  while (performance.now() < deadline && !closing.aborted) {
    const socket = await connectSupervisor(paths.supervisorSocket);
    if (socket) {
      const left = new Promise<void>((resolve) => socket.once('close', () => resolve()));
      const message = await readMessage(socket, left);
      if (message?.state === 'ready') {
        socket.unref();
        socket.resume();
        return { socket, ready: message, left };
      }
      socket.destroy();
      if (message) throw new MeshwrightError(message.code, message.message, { hint: message.hint });
      continue;
    }
    if (!started || started.hasEnded) {
      if (started === undefined) log('starting the embedded PostgreSQL');
      started = spawnSupervisor(home, paths);
    }
    await delay(20);
  }
  throw new MeshwrightError(
    'database_start_failed',
    `The embedded PostgreSQL of ${home} did not get ready in time.`,
    {
      hint: `The log ${paths.log} ends with: ${lastLine(paths.log)}`,
    },
  );
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
function spawnSupervisor(home: string, paths: ServerPaths): { hasEnded: boolean } {
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
    const state = { hasEnded: false };
    child.once('exit', () => {
      state.hasEnded = true;
    });
    child.once('error', () => {
      state.hasEnded = true;
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
