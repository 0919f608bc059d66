/**
 * Finds the program of an outside agent on the person's machine, and what a cell must be shown of it to start it: the folder it
 * is installed in, with everything it came with. Reads the disk, starts nothing.
 */
import { accessSync, closeSync, constants, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, sep } from 'node:path';

export interface FoundProgram {
  /** Absolute program and arguments, as they are started in a cell. */
  argv: string[];
  /** Absolute folders and files that the cell must see. */
  readable: string[];
}

export interface ProgramPlaces {
  /** The person's PATH. */
  path: string;
  /** The Node that runs programs written for it: another one on the PATH may be older than they bear. */
  nodePath: string;
}

/** Of this machine. */
export function programFinder(path: string | undefined): (command: readonly string[]) => FoundProgram | null {
  return (command) => findProgram(command, { path: path ?? '', nodePath: process.execPath });
}

/** Null: there is no such program. */
export function findProgram(
  [name = '', ...rest]: readonly string[],
  places: ProgramPlaces,
): FoundProgram | null {
  const file = isAbsolute(name) ? realFile(name) : findOnPath(name, places.path);
  if (file === null) return null;
  const argv = isForNode(file) ? [places.nodePath, file, ...rest] : [file, ...rest];
  return { argv, readable: [installFolder(file), ...(argv[0] === file ? [] : [places.nodePath])] };
}

function findOnPath(name: string, path: string): string | null {
  if (name === '' || name.includes(sep)) return null;
  for (const folder of path.split(':').filter(isAbsolute)) {
    const file = realFile(join(folder, name));
    if (file !== null) return file;
  }
  return null;
}

/** A link leads to where the program is installed; only there it finds what it came with. */
function realFile(path: string): string | null {
  try {
    const file = realpathSync(path);
    accessSync(file, constants.X_OK);
    return statSync(file).isFile() ? file : null;
  } catch {
    return null;
  }
}

/** The outermost `node_modules`: packages reach for their neighbours. Else the folder that the program is in. */
function installFolder(file: string): string {
  const parts = dirname(file).split(sep);
  const at = parts.indexOf('node_modules');
  if (at !== -1) return parts.slice(0, at + 1).join(sep);
  return basename(dirname(file)) === 'bin' && isOwnPrefix(dirname(dirname(file)))
    ? dirname(dirname(file))
    : file;
}

/** `~/.opencode/bin/opencode`: the folder above `bin` belongs to the program alone, unlike `/usr` or `~/.local`. */
function isOwnPrefix(folder: string): boolean {
  const name = basename(folder);
  return name.startsWith('.') && name !== '.local';
}

function isForNode(file: string): boolean {
  const start = Buffer.alloc(128);
  const opened = openSync(file, 'r');
  try {
    readSync(opened, start, 0, start.length, 0);
  } finally {
    closeSync(opened);
  }
  return /^#!.*\bnode\b/.test(start.toString('latin1').split('\n')[0] ?? '');
}
