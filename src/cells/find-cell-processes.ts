/**
 * Finds the processes of a cell from outside, with nothing but its record and the system's process table. Never names a
 * process that merely has a pid which the cell once had.
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { identifyProcess, type ProcessIdentity } from '../base/process-identity.ts';
import { isMarked, listProcesses } from './inside/end-processes.ts';

export interface CellTrace {
  /** Its private folder. */
  dir: string;
  token: string;
  /** Recorded ones. */
  processes: readonly ProcessIdentity[];
}

/**
 * Recorded processes that are still the same, those that carry the cell's token, the `bwrap` that shows its private folder,
 * and everything below them. Without /proc only the recorded ones. This process is never among them.
 */
export function findCellProcesses(trace: CellTrace): ProcessIdentity[] {
  const marker = `MESHWRIGHT_CELL=${trace.token}`;
  const seeds = new Set<number>();
  for (const known of trace.processes) {
    if (identifyProcess(known.pid)?.startedAt === known.startedAt) seeds.add(known.pid);
  }
  const all = listProcesses();
  for (const pid of all) if (isMarked(pid, marker) || isBubblewrapOf(pid, trace.dir)) seeds.add(pid);
  const found = new Map<number, ProcessIdentity>();
  for (const pid of seeds.size === 0 ? [] : withDescendants(seeds, all)) {
    const known = pid === process.pid ? undefined : identifyProcess(pid);
    if (known !== undefined) found.set(pid, known);
  }
  return [...found.values()];
}

/** The environment of another user namespace is not readable for everybody, the command line is. */
function isBubblewrapOf(pid: number, dir: string): boolean {
  const [program = '', ...args] = readText(`/proc/${pid}/cmdline`).split('\0');
  if (basename(program) !== 'bwrap') return false;
  return args.some((arg, index) => arg === `${dir}/tmp` && args[index - 1] === '--bind');
}

function withDescendants(seeds: ReadonlySet<number>, all: readonly number[]): Set<number> {
  const children = new Map<number, number[]>();
  for (const pid of all) {
    const stat = readText(`/proc/${pid}/stat`);
    // The program's name is in parentheses and may contain anything.
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const found = new Set(seeds);
  const next = [...seeds];
  for (let pid = next.pop(); pid !== undefined; pid = next.pop()) {
    for (const child of children.get(pid) ?? []) {
      if (found.has(child)) continue;
      found.add(child);
      next.push(child);
    }
  }
  return found;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
