/** What drivers need to know of the machine, and the private folder that every cell gets on it. */
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rename } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { identifyProcess } from '../base/process-identity.ts';
import { removeFolder } from '../base/remove-folder.ts';
import { type CellRecord, writeCellRecord } from './cell-record.ts';

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
  /** Resolves when one more connection to the host may be made: so many per minute, over all cells. */
  waitForHost: (host: string) => Promise<void>;
}

/** `options` win over what `env` says. */
export function describeCellHost(
  options: Partial<CellHost>,
  env: Readonly<Record<string, string | undefined>>,
): CellHost {
  const host = {
    cellsDir: null,
    path: env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
    home: env.HOME ?? homedir(),
    nodePath: process.execPath,
    waitForHost: async () => {},
    upstreamProxy: env.HTTPS_PROXY || env.https_proxy || env.HTTP_PROXY || env.http_proxy || null,
    ...options,
  };
  // An entry like `.` would find programs, `bwrap` first of all, in the workspace.
  return { ...host, path: host.path.split(':').filter(isAbsolute).join(':') };
}

export interface PrivateDir {
  dir: string;
  /** Unique on this machine: cell id and random digits. */
  token: string;
  home: string;
  temporary: string;
  /** Where the egress proxy's socket goes, when asked for; does not exist yet. */
  egressDir: string | null;
}

/** A folder under this name is not whole yet. */
export const draftPrefix = '.draft.';
/** Begins the name of the folder with the egress proxy's socket. */
export const egressPrefix = 'mw-net-';

/**
 * Only for this user's eyes. On disk rather than in memory: package caches of a set-up can be large. Appears with its
 * record in it, before anything is started: who dies at any moment leaves something that can be found.
 */
export async function createPrivateDir(
  host: CellHost,
  cell: { id: string; driver: CellRecord['driver']; needsEgress: boolean },
): Promise<PrivateDir> {
  const token = `${nameOfCell(cell.id)}.${randomBytes(8).toString('hex')}`;
  const parent = host.cellsDir ?? (await mkdtemp(join(tmpdir(), 'mw-cell-')));
  const draft = join(parent, `${draftPrefix}${token}`);
  const dir = join(parent, token);
  // Not below the private folder: the path of a unix socket may have 107 bytes only.
  const egressDir = cell.needsEgress
    ? join(tmpdir(), `${egressPrefix}${randomBytes(8).toString('hex')}`)
    : null;
  await mkdir(draft, { recursive: true });
  await chmod(draft, 0o700);
  const { id, driver } = cell;
  const opener = identifyProcess(process.pid) ?? { pid: process.pid, startedAt: '' };
  writeCellRecord(draft, { format: 1, id, token, driver, opener, processes: [], egressDir });
  await mkdir(join(draft, 'home'));
  await mkdir(join(draft, 'tmp'));
  await rename(draft, dir);
  return { dir, token, home: join(dir, 'home'), temporary: join(dir, 'tmp'), egressDir };
}

/** The id as a part of a file name. */
export function nameOfCell(id: string): string {
  return id.replaceAll(/^\.|[^A-Za-z0-9._-]+/g, '-').slice(0, 200);
}

/** Of the private folder and what belongs to it. */
export async function removePrivateDir(host: CellHost, privateDir: PrivateDir): Promise<void> {
  if (privateDir.egressDir !== null) await removeFolder(privateDir.egressDir);
  await removeFolder(host.cellsDir === null ? dirname(privateDir.dir) : privateDir.dir);
}
