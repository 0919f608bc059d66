/**
 * Looks at the world from outside of everything that is tested: the system's own records of every file, the process table, a
 * listener, what answers contain. Knows nothing of roles' rules, tools or cells.
 */
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Path → what the system says of it. A file's change time is the kernel's: no command can set it back. */
export type Snapshot = ReadonlyMap<string, string>;

export function takeSnapshot(dir: string, leftOut: readonly string[] = []): Snapshot {
  const found = new Map<string, string>();
  const visit = (inner: string) => {
    if (leftOut.includes(inner)) return;
    const path = join(dir, inner);
    const facts = lstatSync(path, { throwIfNoEntry: false, bigint: true });
    if (facts === undefined) return;
    const isFolder = facts.isDirectory();
    // A folder's own times change with what is put into it, which is seen there.
    found.set(
      inner,
      isFolder ? `folder ${facts.mode}` : `${facts.mode} ${facts.ino} ${facts.size} ${facts.ctimeNs}`,
    );
    if (isFolder) for (const name of namesIn(path)) visit(inner === '' ? name : `${inner}/${name}`);
  };
  visit('');
  return found;
}

function namesIn(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

export function changedPaths(before: Snapshot, after: Snapshot): string[] {
  const changed = [...after].filter(([path, facts]) => before.get(path) !== facts).map(([path]) => path);
  return [...changed, ...[...before.keys()].filter((path) => !after.has(path))];
}

/** Processes whose command line has the mark; zombies have none. */
export function markedProcesses(mark: string): number {
  return readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(mark);
    } catch {
      return false;
    }
  }).length;
}
