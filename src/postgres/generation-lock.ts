/**
 * An exclusive lock between processes on files alone, safe when its holder is killed: lock files are numbered, the
 * highest number counts, and only a dead holder's number may be topped. The highest file is never deleted, not even
 * by its holder on exit, so no two processes can ever both find the way free.
 */
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identifyProcess, isSameProcessAlive, type ProcessIdentity } from '../base/process-identity.ts';

const NAME = /^lock\.(\d+)$/;

/** Held until this process ends. False when a living process holds it. */
export function tryLock(dir: string): boolean {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const self = identifyProcess(process.pid);
  if (!self) throw new Error(`cannot identify process ${process.pid}`);
  const held = highest(dir);
  if (held > 0 && isHolderAlive(dir, held)) return false;
  const mine = held + 1;
  if (!claimNumber(dir, mine, self)) return false;
  // Somebody may have topped a number that we did not see; then the lower number has lost.
  if (highest(dir) !== mine) {
    rmSync(join(dir, `lock.${mine}`), { force: true });
    return false;
  }
  for (const number of numbers(dir)) if (number < mine) rmSync(join(dir, `lock.${number}`), { force: true });
  return true;
}

/** A living process holds the lock. */
export function isLocked(dir: string): boolean {
  if (!existsSync(dir)) return false;
  const held = highest(dir);
  return held > 0 && isHolderAlive(dir, held);
}

/** Writing aside and linking makes the file appear whole, and only if nobody has the number. */
function claimNumber(dir: string, number: number, self: ProcessIdentity): boolean {
  const aside = join(dir, `aside.${process.pid}`);
  writeFileSync(aside, JSON.stringify(self), { mode: 0o600 });
  try {
    linkSync(aside, join(dir, `lock.${number}`));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function isHolderAlive(dir: string, number: number): boolean {
  try {
    return isSameProcessAlive(
      JSON.parse(readFileSync(join(dir, `lock.${number}`), 'utf8')) as ProcessIdentity,
    );
  } catch (error) {
    // Gone: its holder's successor cleaned up, so there is a higher one. Count it as held; the caller tries again.
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

function numbers(dir: string): number[] {
  return readdirSync(dir)
    .flatMap((name) => NAME.exec(name)?.[1] ?? [])
    .map(Number);
}

function highest(dir: string): number {
  return Math.max(0, ...numbers(dir));
}
