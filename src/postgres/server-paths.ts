/** Where the embedded server of one home lives: data, sockets, logs. Creates the directories it names. */
import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { MeshwrightError } from '../base/errors.ts';
import { sha256Hex } from '../base/json.ts';

export interface ServerPaths {
  /** `<home>/postgres`. */
  root: string;
  data: string;
  /** The supervisor's socket, on which every user holds a connection. */
  supervisorSocket: string;
  /** Holds PostgreSQL's own socket. */
  serverSocketDir: string;
  log: string;
}

/** The shortest limit of the supported systems for a unix socket's path (macOS 103, Linux 107 bytes). */
const MAX_SOCKET_PATH = 103;
const SERVER_SOCKET = '.s.PGSQL.5432.lock';

/** @throws MeshwrightError `database_socket_dir` when the short directory under /tmp belongs to somebody else. */
export function preparePaths(home: string): ServerPaths {
  const root = resolve(home, 'postgres');
  mkdirSync(root, { recursive: true, mode: 0o755 });
  mkdirSync(resolve(home, 'logs'), { recursive: true });
  const sockets = socketDir(root);
  return {
    root,
    data: join(root, 'data'),
    supervisorSocket: join(sockets, 'supervisor'),
    serverSocketDir: join(sockets, 'run'),
    log: resolve(home, 'logs', 'postgres.log'),
  };
}

export function connectionUrl(paths: ServerPaths, database: string): string {
  return `postgresql://meshwright@localhost/${database}?host=${encodeURIComponent(paths.serverSocketDir)}`;
}

function socketDir(root: string): string {
  if (Buffer.byteLength(join(root, 'run', SERVER_SOCKET)) <= MAX_SOCKET_PATH) return root;
  // Not TMPDIR where /tmp will do: two commands with different settings must meet at the same place.
  const base = process.platform === 'darwin' ? tmpdir() : '/tmp';
  const dir = join(base, `meshwright-${userInfo().uid}-${sha256Hex(root).slice(0, 16)}`);
  mkdirSync(dir, { recursive: true, mode: 0o711 });
  const found = lstatSync(dir);
  if (!found.isDirectory() || found.uid !== userInfo().uid) {
    throw new MeshwrightError(
      'database_socket_dir',
      `${dir} exists and is not ours, so no socket can be put there.`,
      {
        hint: 'Remove it, or choose a MESHWRIGHT_HOME with a shorter path.',
      },
    );
  }
  chmodSync(dir, 0o711);
  return dir;
}
