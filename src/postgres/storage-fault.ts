/**
 * What a failure of PostgreSQL means for whoever asked: the connection is lost, the disk is full, or neither. Owns
 * how long to wait for a server that went away; knows nothing of what was asked.
 */
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { MeshwrightError, messageOf } from '../base/errors.ts';

/** The server that a journal is on. */
export interface DatabaseServer {
  url: string;
  /** The embedded server's data directory. */
  dataDir?: string | undefined;
  /** What the embedded server's supervisor says while it cannot be run; undefined when it runs, or is not ours. */
  whyDown?: (() => MeshwrightError | undefined) | undefined;
  /** How long to wait for it when it went away; default 30 s: a restart with crash recovery takes 0.2–10 s. */
  patienceMs?: number;
}

const PATIENCE_MS = 30_000;
const FIRST_WAIT_MS = 20;
/** The restart itself is what takes time, not asking for it: a connection that is refused costs nothing. */
const LONGEST_WAIT_MS = 100;

const DISK_FULL = '53100';
/** Words of the server for a session that ends or cannot begin now; by code, the severity's word is translated. */
const LOSS = /^(08|57P|53300)/;

/**
 * True for anything but an error that the server reports about the statement (those leave the session usable) and
 * mistakes of the program.
 */
export function isConnectionLoss(error: unknown): boolean {
  if (error instanceof MeshwrightError) return error.code === 'database_unreachable';
  if (error instanceof pg.DatabaseError) return LOSS.test(error.code ?? '');
  return !(error instanceof TypeError || error instanceof SyntaxError || error instanceof RangeError);
}

export function isDiskFull(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return error.code === DISK_FULL;
  if (!(error instanceof Error)) return false;
  if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return true;
  return error instanceof MeshwrightError && (error.code === 'disk_full' || isDiskFull(error.cause));
}

/**
 * Runs `attempt` until it succeeds as long as only connections are lost, for `patienceMs` after the first loss.
 * `attempt` is told the error by which the last connection was lost.
 * @throws MeshwrightError `database_unreachable`, `disk_full`; any other error of `attempt` as it is.
 */
export async function patiently<T>(
  server: DatabaseServer,
  attempt: (lost: unknown) => Promise<T>,
  hasClosed: () => boolean = () => false,
): Promise<T> {
  let lost: unknown;
  let deadline: number | undefined;
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    try {
      return await attempt(lost);
    } catch (error) {
      if (!isConnectionLoss(error)) throw isDiskFull(error) ? diskFull(server, error) : error;
      // The first full disk explains all that follows it.
      if (!isDiskFull(lost)) lost = error;
      // It says so itself: waiting would only keep people from the news.
      const why = server.whyDown?.();
      if (isDiskFull(why)) throw why;
      deadline ??= performance.now() + (server.patienceMs ?? PATIENCE_MS);
      if (hasClosed() || performance.now() + waitMs > deadline) throw storageGone(server, lost);
      await delay(waitMs);
    }
  }
}

/** What a person must see when a server did not come back. */
function storageGone(server: DatabaseServer, cause: unknown): MeshwrightError {
  if (isDiskFull(cause)) return diskFull(server, cause);
  const why = server.whyDown?.();
  if (why) return unreachable(server.url, why);
  return cause instanceof MeshwrightError ? cause : unreachable(server.url, cause);
}

export function unreachable(url: string, cause: unknown): MeshwrightError {
  return new MeshwrightError(
    'database_unreachable',
    `Cannot reach PostgreSQL at ${withoutPassword(url)}: ${messageOf(cause)}.`,
    { hint: 'Check that the server runs and DATABASE_URL is right.', cause },
  );
}

export function diskFull(server: DatabaseServer, cause: unknown): MeshwrightError {
  if (cause instanceof MeshwrightError && cause.code === 'disk_full') return cause;
  const said = cause instanceof MeshwrightError && cause.cause !== undefined ? cause.cause : cause;
  return new MeshwrightError(
    'disk_full',
    `The disk of PostgreSQL (${server.dataDir ?? withoutPassword(server.url)}) is full: ${messageOf(said)}.`,
    { hint: 'Free space there; nothing that was stored is lost, and work goes on from it.', cause },
  );
}

/** The URL as it may be shown and logged. */
function withoutPassword(url: string): string {
  return url.replace(/^([a-z]+:\/\/[^:/@]*):[^@]*@/i, '$1:***@').replace(/([?&]password=)[^&]*/gi, '$1***');
}
