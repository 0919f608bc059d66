/**
 * What can be seen of a worker's doings from outside the engine: the process table by cell, processor time, the files of every
 * workspace and of the mirror, the model server's count, and what agents and items have in the journal.
 */
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { homePaths } from '../../src/base/home.ts';
import type { Journal } from '../../src/journal/journal.ts';

export interface Observed {
  /** Of every file: path, size and time of its last change. */
  files: string[];
  /** Processes of cells, each with the processor time that it has used. */
  processes: string[];
  modelRequests: number;
  /** Events of items and agents. */
  events: number;
}

export interface Subject {
  /** MESHWRIGHT_HOME. */
  home: string;
  journal: Journal;
  modelRequests: () => number;
}

export async function observe({ home, journal, modelRequests }: Subject): Promise<Observed> {
  const { workspaces, mirrors } = homePaths(home);
  return {
    files: [workspaces, mirrors].flatMap((dir) => listFiles(dir)),
    processes: listCellProcesses(home),
    modelRequests: modelRequests(),
    events: await countEvents(journal),
  };
}

/** What is different; empty: nothing happened between the two. Of processes also what is merely there. */
export function findEffects(before: Observed, after: Observed): string[] {
  const known = new Set(before.files);
  const left = new Set(after.files);
  return [
    ...after.files.filter((file) => !known.has(file)).map((file) => `written: ${file}`),
    ...before.files.filter((file) => !left.has(file)).map((file) => `gone or changed: ${file}`),
    ...after.processes.map((each) => `still there: ${each}`),
    ...(after.modelRequests > before.modelRequests ? ['the model was called'] : []),
    ...(after.events > before.events ? [`${after.events - before.events} events were appended`] : []),
  ];
}

/** What was thrown away is deleted in its own time; that is no effect of an agent. */
function listFiles(dir: string): string[] {
  let names: string[];
  try {
    names = readdirSync(dir);
  } catch {
    return [];
  }
  return names
    .filter((name) => name !== '.trash')
    .flatMap((name) => {
      const file = path.join(dir, name);
      try {
        const stat = lstatSync(file);
        return stat.isDirectory() ? listFiles(file) : [`${file} ${stat.size} ${stat.mtimeMs}`];
      } catch {
        return [];
      }
    });
}

/** By what cells are known by: their marker, their home, or a working directory in a workspace. Linux only. */
function listCellProcesses(home: string): string[] {
  const { workspaces, cells } = homePaths(home);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, 'latin1');
        const isInside = readlinkSync(`/proc/${pid}/cwd`).startsWith(workspaces);
        const isOfCell = environment.includes('MESHWRIGHT_CELL=') && environment.includes(cells);
        if (!isInside && !isOfCell) return [];
        const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
        const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        // A zombie does nothing any more.
        if (fields[0] === 'Z') return [];
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        return [`${pid} ${command} (${Number(fields[11]) + Number(fields[12])} ticks)`];
      } catch {
        return [];
      }
    });
}

async function countEvents(journal: Journal): Promise<number> {
  const events = await journal.readAll({ after: 0, limit: 100_000 });
  return events.filter(({ stream }) => stream.startsWith('item:') || stream.startsWith('agent:')).length;
}
