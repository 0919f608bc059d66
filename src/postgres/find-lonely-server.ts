/** Finds a home's PostgreSQL that outlived its supervisor: nobody would stop it. Opening the database takes it over. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findRunningServer } from './data-directory.ts';
import { isLocked } from './generation-lock.ts';
import { preparePaths } from './server-paths.ts';

/** Its pid; null when there is none, or when a supervisor has it. */
export function findLonelyServer(home: string): number | null {
  const { root, data } = preparePaths(home);
  if (!existsSync(data) || isLocked(join(root, 'lock'))) return null;
  return findRunningServer(data) ?? null;
}
