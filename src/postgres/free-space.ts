/** Is the disk of the embedded server full? Asked when something failed there, to name the reason. */
import { readFileSync, statfsSync } from 'node:fs';
import { MeshwrightError } from '../base/errors.ts';

/** A segment of PostgreSQL's log and some pages: with less it cannot even start. */
const NEEDED_BYTES = 20_000_000;
const WORDS = /No space left on device|Disk quota exceeded/;

/** By what was said, or by what is left: on a full disk the words of a failure are often lost as well. */
export function isOutOfSpace(dir: string, said: string): boolean {
  return WORDS.test(said) || freeBytes(dir) < NEEDED_BYTES;
}

export function diskFullAt(dir: string, what: string, cause?: unknown): MeshwrightError {
  return new MeshwrightError('disk_full', `The disk of ${dir} is full: ${what}.`, {
    hint: 'Free space there; nothing that was stored is lost, and work goes on from it.',
    cause,
  });
}

/** What a log says from byte `offset` on, at most its last 20 KB; empty when it cannot be read. */
export function readLogSince(path: string, offset: number): string {
  try {
    const bytes = readFileSync(path);
    return bytes.toString('utf8', Math.max(offset, bytes.length - 20_000));
  } catch {
    return '';
  }
}

function freeBytes(dir: string): number {
  try {
    const { bavail, bsize } = statfsSync(dir);
    return bavail * bsize;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
