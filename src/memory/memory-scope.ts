/**
 * Where a record holds: `mesh`, `team:<flow>`, `item:<number>`, `paths:<glob>[,<glob>…]`. Reads and compares scopes; knows
 * nothing of records.
 */
import picomatch from 'picomatch';
import { readGlobs } from '../policy/read-globs.ts';

export type MemoryScope =
  | { on: 'mesh' }
  | { on: 'team'; team: string }
  | { on: 'item'; item: number }
  | { on: 'paths'; globs: readonly string[] };

/** Where somebody works. */
export interface WorkPlace {
  /** The flow. */
  team: string;
  item: number;
  /** What the work is about or has touched, from the repository's root; none: not known yet. */
  paths: readonly string[];
}

/** Undefined: no scope. */
export function parseScope(text: string): MemoryScope | undefined {
  if (text === 'mesh') return { on: 'mesh' };
  const [, kind, rest = ''] = /^(team|item|paths):(.+)$/s.exec(text) ?? [];
  if (kind === 'team') return /^[a-z0-9][\w-]*$/i.test(rest) ? { on: 'team', team: rest } : undefined;
  if (kind === 'item') return /^[1-9]\d{0,8}$/.test(rest) ? { on: 'item', item: Number(rest) } : undefined;
  if (kind !== 'paths') return undefined;
  const globs = readGlobs(rest);
  return globs === null ? undefined : { on: 'paths', globs };
}

/** The one way to write a scope: the same globs in another order are the same scope. Anything else stays as it is. */
export function normalScope(text: string): string {
  const scope = parseScope(text.trim());
  return scope?.on === 'paths' ? `paths:${scope.globs.join(',')}` : text.trim();
}

/** Whether what holds in the scope concerns the work there. Work whose paths nobody knows yet may touch any. */
export function concerns(scope: MemoryScope, place: WorkPlace): boolean {
  switch (scope.on) {
    case 'mesh':
      return true;
    case 'team':
      return scope.team === place.team;
    case 'item':
      return scope.item === place.item;
    case 'paths': {
      const matches = picomatch([...scope.globs], { dot: true });
      return place.paths.length === 0 || place.paths.some((path) => matches(path));
    }
  }
}

/** For people: `the mesh`, `team feature`, `item 3`, `src/export/**`. */
export function describeMemoryScope(text: string): string {
  const scope = parseScope(text);
  switch (scope?.on) {
    case 'mesh':
      return 'the mesh';
    case 'team':
      return `team ${scope.team}`;
    case 'item':
      return `item ${scope.item}`;
    case 'paths':
      return scope.globs.join(', ');
    case undefined:
      return text;
  }
}
