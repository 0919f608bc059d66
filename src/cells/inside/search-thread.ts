/** Applies patterns to paths and file contents; runs in a worker thread that its owner ends when it takes too long. */
import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, realpathSync } from 'node:fs';
import { join, posix } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import type { Answer } from './protocol.ts';

export type SearchOrder =
  | { kind: 'glob'; workspace: string; files: string[]; expression: string; limit: number }
  | {
      kind: 'grep';
      workspace: string;
      files: string[];
      expression: string | null;
      pattern: string;
      limit: number;
      fileBytes: number;
    };

export type SearchResult =
  | { kind: 'glob'; paths: string[]; isCut: boolean }
  | { kind: 'grep'; hits: { path: string; line: number; text: string }[]; isCut: boolean };

/** Characters of a matching line that are shown. */
const shownCharacters = 500;
/** A NUL among the first bytes means binary, as in git. */
const sniffedBytes = 8_000;

/** git names tracked files also where a link took their folder's place: those lie outside, or are listed elsewhere. */
function filesInside(order: SearchOrder): string[] {
  const known = new Map<string, boolean>();
  return order.files.filter((path) => {
    if (path.startsWith('/') || path.split('/').includes('..')) return false;
    const folder = posix.dirname(path);
    const isInside = known.get(folder) ?? isRealFolder(order.workspace, folder);
    known.set(folder, isInside);
    return isInside;
  });
}

function isRealFolder(workspace: string, folder: string): boolean {
  try {
    return realpathSync(join(workspace, folder)) === join(workspace, folder);
  } catch {
    return false;
  }
}

function search(order: SearchOrder): Answer<SearchResult> {
  return order.kind === 'glob' ? glob(order) : grep(order);
}

function glob(order: Extract<SearchOrder, { kind: 'glob' }>): Answer<SearchResult> {
  const expression = new RegExp(order.expression);
  const paths: string[] = [];
  for (const path of filesInside(order)) {
    if (!expression.test(path) || !isThere(join(order.workspace, path))) continue;
    if (paths.length === order.limit) return { ok: true, value: { kind: 'glob', paths, isCut: true } };
    paths.push(path);
  }
  return { ok: true, value: { kind: 'glob', paths, isCut: false } };
}

function grep(order: Extract<SearchOrder, { kind: 'grep' }>): Answer<SearchResult> {
  let pattern: RegExp;
  try {
    pattern = new RegExp(order.pattern, 'u');
  } catch {
    try {
      pattern = new RegExp(order.pattern);
    } catch (error) {
      return { ok: false, message: error instanceof Error ? error.message : String(error) };
    }
  }
  const only = order.expression === null ? null : new RegExp(order.expression);
  const hits: { path: string; line: number; text: string }[] = [];
  for (const path of filesInside(order)) {
    if (only && !only.test(path)) continue;
    const text = readText(join(order.workspace, path), order.fileBytes);
    if (text === null) continue;
    for (const [index, line] of text.split(/\r?\n/).entries()) {
      if (!pattern.test(line)) continue;
      if (hits.length === order.limit) return { ok: true, value: { kind: 'grep', hits, isCut: true } };
      hits.push({ path, line: index + 1, text: line.slice(0, shownCharacters).toWellFormed() });
    }
  }
  return { ok: true, value: { kind: 'grep', hits, isCut: false } };
}

/** git also lists what is tracked but deleted. */
function isThere(path: string): boolean {
  const facts = lstatSync(path, { throwIfNoEntry: false });
  return facts !== undefined && (facts.isFile() || facts.isSymbolicLink());
}

/** Null for links, binary, oversized and unreadable files. */
function readText(path: string, limit: number): string | null {
  let file: number | undefined;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const facts = fstatSync(file);
    if (!facts.isFile() || facts.size > limit) return null;
    const bytes = readFileSync(file);
    return bytes.subarray(0, sniffedBytes).includes(0) ? null : bytes.toString('utf8');
  } catch {
    return null;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

parentPort?.postMessage(search(workerData as SearchOrder));
