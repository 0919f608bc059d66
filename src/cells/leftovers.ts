/**
 * Lists and ends cells by what they left on disk, whoever opened them and with whichever driver: after a crash, and while
 * their opener is stopped and may go on at any moment. Owns no policy of when; the caller knows that nobody needs the cell.
 */
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { MeshwrightError } from '../base/errors.ts';
import { isSameProcessAlive, type ProcessIdentity } from '../base/process-identity.ts';
import { removeFolder } from '../base/remove-folder.ts';
import type { LeftoverCell } from './cell.ts';
import { draftPrefix, egressPrefix, nameOfCell } from './cell-host.ts';
import { type CellRecord, readCellRecord } from './cell-record.ts';
import { type CellTrace, findCellProcesses } from './find-cell-processes.ts';

const deadlineMs = 5_000;
const roundMs = 20;
/** A folder without a record is being made, or its maker died before it wrote one. */
const draftMs = 60_000;

/** Private folders under `cellsDir`, sorted by name; null (cells in the temporary folder, for tests): none. */
export async function listLeftovers(cellsDir: string | null): Promise<LeftoverCell[]> {
  if (cellsDir === null) return [];
  const found: LeftoverCell[] = [];
  for (const { dir, token, record } of await readPrivateDirs(cellsDir)) {
    if (record === null && !(await isOlderThan(dir, draftMs))) continue;
    found.push({
      id: record?.id ?? idOfToken(token),
      dir,
      opener: record?.opener ?? { pid: 0, startedAt: '' },
      isOpenerAlive: record !== null && isSameProcessAlive(record.opener),
      pids: findCellProcesses({ dir, token, processes: record?.processes ?? [] }).map(({ pid }) => pid),
    });
  }
  return found;
}

/**
 * When it resolves, no cell with this id can act any more, not even one whose opener was stopped in the middle of opening
 * it: what starts later finds neither program nor mounts, because they are reached through the folder that is gone.
 * @throws MeshwrightError `cell_not_ended`.
 */
export async function endLeftover(cellsDir: string | null, id: string): Promise<void> {
  if (cellsDir === null) return;
  for (const { dir, token, record } of await readPrivateDirs(cellsDir)) {
    if (record === null ? idOfToken(token) !== nameOfCell(id) : record.id !== id) continue;
    const trace = { dir, token, processes: record?.processes ?? [] };
    await killAll(id, trace);
    if (isEgressDir(record?.egressDir)) await removeFolder(record?.egressDir ?? '');
    await removeFolder(dir);
    await killAll(id, trace);
  }
}

interface PrivateDirFound {
  dir: string;
  token: string;
  record: CellRecord | null;
}

async function readPrivateDirs(cellsDir: string): Promise<PrivateDirFound[]> {
  const entries = await readdir(cellsDir, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => {
      const dir = join(cellsDir, entry.name);
      const token = entry.name.startsWith(draftPrefix) ? entry.name.slice(draftPrefix.length) : entry.name;
      return { dir, token, record: readCellRecord(dir) };
    })
    .sort((a, b) => (a.dir < b.dir ? -1 : 1));
}

function idOfToken(token: string): string {
  return token.replace(/\.[0-9a-f]{16}$/, '');
}

/** A record that somebody forged must not make us delete anything else. */
function isEgressDir(dir: string | null | undefined): boolean {
  return dir != null && new RegExp(`^${egressPrefix}[0-9a-f]{16}$`).test(basename(dir));
}

async function killAll(id: string, trace: CellTrace): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const alive = findCellProcesses(trace);
    if (alive.length === 0) return;
    if (performance.now() > deadline) {
      const pids = alive.map(({ pid }) => pid).join(', ');
      throw new MeshwrightError('cell_not_ended', `processes of the earlier cell ${id} do not end: ${pids}`, {
        hint: 'End them by hand (kill -9), or restart the machine if they are stuck in the kernel; then run again.',
      });
    }
    for (const known of alive) kill(known);
    await new Promise((resolve) => setTimeout(resolve, roundMs));
  }
}

/** Asked again right before: the pid may have been given to somebody else since it was found. */
function kill(known: ProcessIdentity): void {
  if (!isSameProcessAlive(known)) return;
  try {
    process.kill(known.pid, 'SIGKILL');
  } catch {
    // Ended meanwhile, or not ours to end: the next round tells.
  }
}

async function isOlderThan(dir: string, ageMs: number): Promise<boolean> {
  const facts = await stat(dir).catch(() => null);
  return facts !== null && Date.now() - facts.mtimeMs > ageMs;
}
