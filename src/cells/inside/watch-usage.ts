/**
 * Looks after memory and process count of an isolated cell by reading its process table a few times a second: without
 * cgroups it is the only limit that holds for root too. It is coarse: what grows faster than it looks is caught late.
 */
import { readFileSync } from 'node:fs';
import { listProcesses } from './end-processes.ts';

const intervalMs = 200;

export interface UsageLimits {
  memoryMb: number;
  processes: number;
}

/** Calls `onExcess` with the reason each time a limit is found passed; returns the function that ends the watch. */
export function watchUsage(limits: UsageLimits, onExcess: (reason: string) => void): () => void {
  const timer = setInterval(() => {
    const reason = findExcess(limits, measureUsage());
    if (reason !== null) onExcess(reason);
  }, intervalMs);
  return () => clearInterval(timer);
}

/** Pure: the sentence for the limit that is passed, else null. */
export function findExcess(
  limits: UsageLimits,
  usage: { memoryMb: number; processes: number },
): string | null {
  if (usage.memoryMb > limits.memoryMb) return `more than ${limits.memoryMb} MB of memory in use`;
  if (usage.processes > limits.processes) return `more than ${limits.processes} processes`;
  return null;
}

function measureUsage(): { memoryMb: number; processes: number } {
  let memoryKb = 0;
  let processes = 0;
  for (const pid of listProcesses()) {
    const resident = readResidentKb(pid);
    if (resident === null) continue;
    processes += 1;
    memoryKb += resident;
  }
  return { memoryMb: memoryKb / 1024, processes };
}

/** Null for zombies and processes that ended meanwhile. */
function readResidentKb(pid: number): number | null {
  try {
    const match = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
    return match ? Number(match[1]) : null;
  } catch {
    return null;
  }
}
