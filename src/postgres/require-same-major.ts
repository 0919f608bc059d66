/**
 * A data directory belongs to one major version of PostgreSQL, and a newer package may bring the next one. Told apart
 * before the server is started, which would only say so in its log.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { MeshwrightError } from '../base/errors.ts';

/**
 * `nativeDir`: of the package with the binaries.
 * @throws MeshwrightError `database_major_upgrade` with the commands that lead from one to the other.
 */
export function requireSameMajor(data: string, nativeDir: string): void {
  const made = readMajor(join(data, 'PG_VERSION'), /^(\d+)\s*$/);
  const own = readMajor(join(dirname(nativeDir), 'package.json'), /"version":\s*"(\d+)\./);
  if (made === undefined || own === undefined || made === own) return;
  throw new MeshwrightError(
    'database_major_upgrade',
    `${data} is of PostgreSQL ${made}; this Meshwright brings PostgreSQL ${own}.`,
    { hint: made < own ? wayUp(data, made) : 'Use the Meshwright that made it, or a later one.' },
  );
}

function wayUp(data: string, made: number): string {
  const folder = join(dirname(dirname(data)), `backup-of-postgresql-${made}`);
  return (
    `With the Meshwright that made it: \`meshwright backup ${folder}\`; then ` +
    `\`mv ${data} ${data}-${made}\`; then with this one: \`meshwright restore ${folder}\`.`
  );
}

/** Undefined when the file is not there or not what it should be: then PostgreSQL itself has to judge. */
function readMajor(file: string, pattern: RegExp): number | undefined {
  try {
    const found = pattern.exec(readFileSync(file, 'utf8'))?.[1];
    return found === undefined ? undefined : Number(found);
  } catch {
    return undefined;
  }
}
