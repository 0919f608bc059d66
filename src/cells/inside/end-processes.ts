/**
 * Finding and killing processes, also those that left their process group. A process is known by a marker in the
 * environment it was started with (Linux); one that erased its environment is only found where the whole process
 * table belongs to the cell.
 */
import { readdirSync, readFileSync } from 'node:fs';

/** New processes can appear while old ones are killed; a fork bomb loses after a few rounds or is left to the cell's end. */
const roundCount = 25;

/** Sends SIGKILL to every process whose environment holds `marker` (`NAME=value`), until none is found. */
export function killMarked(marker: string): void {
  killWhile(() => listProcesses().filter((pid) => isMarked(pid, marker)));
}

/** Sends SIGKILL to every process but the first one and this one. Only where the process table is the cell's own. */
export function killOthers(): void {
  killWhile(() => listProcesses().filter((pid) => pid !== 1 && !isZombie(pid)));
}

/** Sends a signal to a process group; false when it is gone. */
export function signalGroup(leader: number, signal: NodeJS.Signals): boolean {
  return send(-leader, signal);
}

export function signalMarked(marker: string, signal: NodeJS.Signals): void {
  for (const pid of listProcesses()) if (isMarked(pid, marker)) send(pid, signal);
}

/** Ids of all visible processes but this one; empty where there is no /proc. */
export function listProcesses(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .filter((pid) => pid !== process.pid);
  } catch {
    return [];
  }
}

function killWhile(find: () => number[]): void {
  for (let round = 0; round < roundCount; round += 1) {
    const found = find();
    if (found.length === 0) return;
    for (const pid of found) send(pid, 'SIGKILL');
    // A killed process keeps its environment readable until it has been torn down.
    pauseMs(round < 5 ? 1 : 10);
  }
}

/** True when the environment it was started with holds `marker`. */
export function isMarked(pid: number, marker: string): boolean {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, 'latin1');
    return environment.startsWith(`${marker}\0`) || environment.includes(`\0${marker}\0`);
  } catch {
    return false;
  }
}

function isZombie(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return /^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
  } catch {
    return true;
  }
}

function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

function pauseMs(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
