/** Looks for secrets in what a capture took in: names, files of any kind, targets of links. Reads git's objects, not the workspace. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { runGit } from '../git/run-git.ts';
import type { Redactor } from '../secrets/redactor.ts';
import { type CaptureFinding, captureFinding, shownFindings } from './capture-refused.ts';
import { type Checkout, onCheckout } from './check-out-commit.ts';

export interface TakenFile {
  path: string;
  object: string;
}

/** Read by one git process together; a larger file alone. */
const groupBytes = 32 * 1024 * 1024;
/** A secret may lie across the end of one part and the beginning of the next. */
const partBytes = 1024 * 1024;
const overlapBytes = 64 * 1024;

export async function scanForSecrets(
  checkout: Checkout,
  files: readonly TakenFile[],
  redactor: Redactor,
): Promise<CaptureFinding[]> {
  if (redactor.isEmpty) return [];
  const findings: CaptureFinding[] = [];
  for (const { path } of files) {
    const names = redactor.find(path);
    if (names.length > 0)
      findings.push(finding(path, redactor, `its name has the value of ${named(names)} in it`));
  }
  for (const group of await groupBySize(checkout, files)) {
    const contents = await readObjects(checkout, group);
    for (const [index, bytes] of contents.entries()) {
      const names = await findInParts(bytes, redactor);
      const path = group[index]?.path ?? '';
      if (names.length > 0) findings.push(finding(path, redactor, `has the value of ${named(names)} in it`));
    }
    if (findings.length >= shownFindings) break;
  }
  return findings;
}

/** Of links to other repositories there is no object, and nothing to read. */
async function groupBySize(checkout: Checkout, files: readonly TakenFile[]): Promise<TakenFile[][]> {
  const request = onCheckout(checkout, ['cat-file', '--batch-check=%(objecttype) %(objectsize)']);
  const lines = (await runGit({ ...request, stdin: objectLines(files) })).stdout.toString('utf8').split('\n');
  const groups: TakenFile[][] = [];
  let room = 0;
  for (const [index, file] of files.entries()) {
    const [type, size] = (lines[index] ?? '').split(' ');
    if (type !== 'blob') continue;
    room -= Number(size);
    if (room < 0 || groups.length === 0) {
      groups.push([]);
      room = groupBytes - Number(size);
    }
    groups.at(-1)?.push(file);
  }
  return groups;
}

async function readObjects(checkout: Checkout, files: readonly TakenFile[]): Promise<Buffer[]> {
  const request = onCheckout(checkout, ['cat-file', '--batch=%(objectsize)']);
  const { stdout } = await runGit({ ...request, stdin: objectLines(files) });
  const contents: Buffer[] = [];
  for (let at = 0; at < stdout.length; ) {
    const begin = stdout.indexOf(10, at) + 1;
    const end = begin + Number(stdout.toString('latin1', at, begin - 1));
    contents.push(stdout.subarray(begin, end));
    at = end + 1;
  }
  return contents;
}

function objectLines(files: readonly TakenFile[]): string {
  return files.map(({ object }) => `${object}\n`).join('');
}

/** Other work of this process, the renewal of its lease above all, has its turn in between. */
async function findInParts(bytes: Uint8Array, redactor: Redactor): Promise<string[]> {
  const names = new Set<string>();
  for (let from = 0; from < bytes.length; from += partBytes) {
    if (from > 0) await nextTurn();
    for (const name of redactor.find(bytes.subarray(from, from + partBytes + overlapBytes))) names.add(name);
  }
  return [...names].sort();
}

function finding(path: string, redactor: Redactor, what: string): CaptureFinding {
  const advice =
    'no secret may become part of a commit; take it out and read it from the environment instead';
  return { ...captureFinding(redactor.redact(path), `${what}: ${advice}`), path };
}

function named(names: readonly string[]): string {
  return `the secret${names.length > 1 ? 's' : ''} ${names.join(', ')}`;
}
