/**
 * Which files of a workspace git would take: changed and new ones, ignored ones left out. The platform's git directory and
 * index; folders that look like repositories are folders.
 */
import { isUtf8 } from 'node:buffer';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type GitRequest, listGit, runGit } from '../git/run-git.ts';
import { type CaptureFinding, captureFinding } from './capture-refused.ts';
import { type Checkout, onCheckout } from './check-out-commit.ts';

/** Tracked paths whose file differs or is gone; links to other repositories stay as they are. */
export async function listChanged(checkout: Checkout, findings: CaptureFinding[]): Promise<string[]> {
  const args = ['diff-files', '--raw', '-z', '--ignore-submodules=all'];
  const fields = await listNames(onCheckout(checkout, args), findings);
  const paths: string[] = [];
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const isLink = fields[index]?.startsWith(':160000');
    if (!isLink) paths.push(fields[index + 1] ?? '');
  }
  return paths;
}

/** What the file tools were writing when their cell was killed (cells/inside/access-files.ts): half a file that nobody asked for. */
const draftsOfWrites = '.meshwright-*.draft';

export async function listUntracked(
  checkout: Checkout,
  limit: number,
  findings: CaptureFinding[],
): Promise<string[]> {
  const args = ['ls-files', '--others', '--exclude-standard', `--exclude=${draftsOfWrites}`, '-z'];
  const paths: string[] = [];
  for (const path of await listNames(onCheckout(checkout, args), findings)) {
    // Only a folder that looks like a repository is listed as one.
    if (path.endsWith('/')) paths.push(...(await listNested(checkout, path.slice(0, -1), limit)));
    else paths.push(path);
  }
  return paths;
}

/** NUL-terminated paths. One that is not UTF-8 would come out as another name: a finding instead. */
async function listNames(request: GitRequest, findings: CaptureFinding[]): Promise<string[]> {
  const { stdout } = await runGit(request);
  if (isUtf8(stdout)) return stdout.toString('utf8').split('\0').slice(0, -1);
  const names = stdout.toString('latin1').split('\0').slice(0, -1);
  return names.flatMap((name) => {
    const bytes = Buffer.from(name, 'latin1');
    if (isUtf8(bytes)) return [bytes.toString('utf8')];
    findings.push(captureFinding(name, 'the name is not valid UTF-8 (shown as Latin-1); rename it'));
    return [];
  });
}

/** Beyond the limit one more is enough to be too many. */
async function listNested(checkout: Checkout, folder: string, limit: number): Promise<string[]> {
  const files: string[] = [];
  const folders = [folder];
  for (let next = folders.pop(); next !== undefined && files.length <= limit; next = folders.pop()) {
    for (const entry of await readdir(join(checkout.tree, next), { withFileTypes: true })) {
      const path = `${next}/${entry.name}`;
      if (entry.name === '.git' || /^\.meshwright-.*\.draft$/.test(entry.name)) continue;
      if (entry.isDirectory()) folders.push(path);
      else files.push(path);
    }
  }
  const isIgnored = await listIgnored(checkout, files);
  return files.filter((path) => !isIgnored.has(path));
}

/** Those of `paths` that git ignores, as if nothing were tracked. */
export async function listIgnored(
  checkout: Checkout,
  paths: readonly string[],
): Promise<ReadonlySet<string>> {
  if (paths.length === 0) return new Set();
  const request = onCheckout(checkout, ['check-ignore', '-z', '--stdin', '--no-index']);
  return new Set(await listGit({ ...request, stdin: nulTerminated(paths), answers: [1] }));
}

export function nulTerminated(paths: readonly string[]): string {
  return paths.map((path) => `${path}\0`).join('');
}
