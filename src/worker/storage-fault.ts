/** Tells a database that is away for a while from everything else that can go wrong. */
import { MeshwrightError } from '../base/errors.ts';

const faults: readonly string[] = ['database_unreachable', 'disk_full'];

/** Nothing is wrong with the work: it goes on when the storage is back. */
export function isStorageFault(error: unknown): boolean {
  return error instanceof MeshwrightError && faults.includes(error.code);
}
