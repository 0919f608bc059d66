/** Tells a database that is away, or a disk that is full, from everything else that can go wrong. */
import { MeshwrightError, messageOf } from '../base/errors.ts';

const faults: readonly string[] = ['database_unreachable', 'disk_full'];

/** Nothing is wrong with the work: it goes on when the storage is back. */
export function isStorageFault(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof MeshwrightError && faults.includes(error.code)) return true;
  // Files of workspaces, and what git says of them and of the mirror.
  if ('code' in error && error.code === 'ENOSPC') return true;
  const isGit = error instanceof MeshwrightError && error.code === 'git_failed';
  return isGit && messageOf(error).includes('No space left on device');
}
