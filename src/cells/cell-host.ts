/** What drivers need to know of the machine, and the private folder that every cell gets on it. */
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

export interface CellHost {
  /** Absolute path of the folder in which every cell has its private one; null: the system's temporary folder. */
  cellsDir: string | null;
  /** The person's PATH: which tools commands find, as far as the cell may see them. */
  path: string;
  /** The person's home: known toolchains under it are shown, nothing else. */
  home: string;
  /** The Node that runs the program inside the cell. */
  nodePath: string;
  /** `http://[user:password@]host:port` of the proxy this machine is behind, for allowed hosts; else null. */
  upstreamProxy: string | null;
}

/** `options` win over what `env` says. */
export function describeCellHost(
  options: Partial<CellHost>,
  env: Readonly<Record<string, string | undefined>>,
): CellHost {
  return {
    cellsDir: null,
    path: env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
    home: env.HOME ?? homedir(),
    nodePath: process.execPath,
    upstreamProxy: env.HTTPS_PROXY || env.https_proxy || env.HTTP_PROXY || env.http_proxy || null,
    ...options,
  };
}

export interface PrivateDir {
  dir: string;
  /** Unique on this machine: cell id and random digits. */
  token: string;
  home: string;
  temporary: string;
}

/** Only for this user's eyes. On disk rather than in memory: package caches of a set-up can be large. */
export async function createPrivateDir(host: CellHost, cellId: string): Promise<PrivateDir> {
  const token = `${cellId}.${randomBytes(8).toString('hex')}`;
  const dir = host.cellsDir === null ? await mkdtemp(join(tmpdir(), 'mw-cell-')) : join(host.cellsDir, token);
  await mkdir(dir, { recursive: true });
  await chmod(dir, 0o700);
  const home = join(dir, 'home');
  const temporary = join(dir, 'tmp');
  await mkdir(home);
  await mkdir(temporary);
  return { dir, token, home, temporary };
}
