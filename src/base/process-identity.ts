/**
 * Is that process still the one we knew? A pid alone is not an identity, pids come round; pid and start time are.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** `pid` and the system's spelling of its start time (`boot id/ticks` on Linux). */
export interface ProcessIdentity {
  pid: number;
  startedAt: string;
}

/** Undefined when there is no such process, or only its unreaped remains. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  const startedAt = process.platform === 'linux' ? linuxStart(pid) : psStart(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
}

export function isSameProcessAlive(known: ProcessIdentity): boolean {
  return identifyProcess(known.pid)?.startedAt === known.startedAt;
}

function linuxStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in parentheses and may contain anything, so count from its end.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, ticks] = [fields[0], fields[19]];
    if (state === 'Z' || state === 'X' || ticks === undefined) return undefined;
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${ticks}`;
  } catch {
    return undefined;
  }
}

function psStart(pid: number): string | undefined {
  try {
    const text = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    return text === '' || text.startsWith('Z') ? undefined : text.replace(/^\S+\s+/, '');
  } catch {
    return undefined;
  }
}
