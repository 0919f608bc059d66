/**
 * Takes the files of a workspace out as a tree of the mirror. The workspace is hostile: its git directory is never
 * opened, nested repositories are plain folders, and no step of this starts a program other than our own git.
 */
import { lstatSync } from 'node:fs';
import { access, constants, lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { MeshwrightError } from '../base/errors.ts';
import { readGit, runGit } from '../git/run-git.ts';
import { noSecrets, type Redactor } from '../secrets/redactor.ts';
import { type CaptureFinding, CaptureRefused, captureFinding, shownFindings } from './capture-refused.ts';
import { type Checkout, onCheckout } from './check-out-commit.ts';
import { holdObjects, releaseObjects } from './hold-objects.ts';
import { judgeName } from './judge-capture.ts';
import { judgeIndex, listTaken } from './judge-index.ts';
import { listChanged, listIgnored, listUntracked, nulTerminated } from './list-changes.ts';
import { scanForSecrets } from './scan-for-secrets.ts';
import { type CaptureLimits, captureLimits, surveyTree } from './survey-tree.ts';

export interface CaptureOptions {
  limits: CaptureLimits;
  /** Paths that stay as the commit has them, folders with what is in them. */
  leftOut: ReadonlySet<string>;
  /** Whatever it finds must not become a commit. */
  redactor: Redactor;
  /** New files that are no change while they are empty. */
  emptyPlaces: ReadonlySet<string>;
}

/**
 * Id of the tree as the files are now, git-ignored files and `outputs` (paths of set-up) left out. Not `git add`: that
 * records nested repositories as links and, once it has, starts git inside them with the agent's configuration.
 * @throws CaptureRefused when something in there must not become a commit.
 */
export async function captureTree(
  checkout: Checkout,
  outputs: readonly string[],
  options: Partial<CaptureOptions> = {},
): Promise<string> {
  const { limits = captureLimits, leftOut = new Set(), redactor = noSecrets } = options;
  const isUntouched = isEmptyPlace(checkout, options.emptyPlaces ?? new Set());
  const isOutput = isBelow(new Set(outputs.map((output) => output.replace(/\/$/, ''))));
  const isLeftOut = isBelow(leftOut);
  const refuse = (findings: readonly CaptureFinding[]) => {
    const left = findings.filter(({ path }) => path === null || !isLeftOut(path));
    if (left.length > 0) throw new CaptureRefused(left.slice(0, shownFindings));
  };
  refuse(await survey(checkout, limits, (path) => isOutput(path) || isLeftOut(path)));
  const findings: CaptureFinding[] = [];
  const changed = (await listChanged(checkout, findings)).filter((path) => !isLeftOut(path));
  const untracked = (await listUntracked(checkout, limits.files, findings)).filter(
    (path) => !isOutput(path) && !isLeftOut(path) && !isUntouched(path),
  );
  refuse([...findings, ...judgeCount(changed.length + untracked.length, limits)]);
  const { present, absent, bad } = await judgeFiles(checkout.tree, { changed, untracked }, limits);
  refuse(bad);
  const held = redactor.isEmpty ? checkout : await holdObjects(checkout);
  await updateIndex(held, ['--force-remove'], absent);
  await updateIndex(held, ['--add', '--replace'], present);
  refuse(await judgeIndex(held, present));
  refuse(await scanForSecrets(held, await listTaken(held), redactor));
  const taken = await readGit(onCheckout(held, ['write-tree']));
  await releaseObjects(held, taken);
  return taken;
}

/** Refused again and again, each time for other files: an agent that wants to be. */
const keptRounds = 20;

/**
 * As captureTree, for work that was cut short: what must not become a commit stays as the commit that was checked out has
 * it, and the rest is taken. That commit's own tree when nothing can be.
 */
export async function captureWhatCanBe(
  checkout: Checkout,
  outputs: readonly string[],
  options: Pick<CaptureOptions, 'redactor' | 'emptyPlaces'>,
): Promise<string> {
  const leftOut = new Set<string>();
  for (let round = 0; round < keptRounds; round += 1) {
    try {
      return await captureTree(checkout, outputs, { ...options, leftOut });
    } catch (error) {
      if (!(error instanceof CaptureRefused)) throw error;
      const more = error.paths.filter((path) => !leftOut.has(path));
      if (more.length === 0) break;
      for (const path of more) leftOut.add(path);
      await resetIndex(checkout, more);
    }
  }
  return readGit(onCheckout(checkout, ['rev-parse', '--verify', `${checkout.commit}^{tree}`]));
}

/** Entries that a refused capture had already taken into the index. */
async function resetIndex(checkout: Checkout, paths: readonly string[]): Promise<void> {
  const from = ['--pathspec-from-file=-', '--pathspec-file-nul'];
  const request = onCheckout(checkout, ['--literal-pathspecs', 'reset', '--quiet', ...from, checkout.commit]);
  await runGit({ ...request, stdin: nulTerminated(paths), answers: [1] });
}

/** What is there, what is gone, and what of it is too large, no file, or badly named. */
async function judgeFiles(
  tree: string,
  { changed, untracked }: { changed: readonly string[]; untracked: readonly string[] },
  limits: CaptureLimits,
): Promise<{ present: string[]; absent: string[]; bad: CaptureFinding[] }> {
  const present: string[] = [];
  const absent: string[] = [];
  const bad: CaptureFinding[] = [];
  let totalBytes = 0;
  for (const [index, path] of [...changed, ...untracked].entries()) {
    const isTracked = index < changed.length;
    const size = await measure(tree, path, isTracked ? bad : null);
    const badName = size === null || isTracked ? null : judgeName(path);
    if (badName !== null) bad.push(captureFinding(path, badName));
    if (size !== null) present.push(path);
    else if (isTracked) absent.push(path);
    if (size !== null && size > limits.fileBytes) bad.push(tooLarge(path, size, limits.fileBytes));
    else totalBytes += size ?? 0;
    if (bad.length >= shownFindings) break;
  }
  return { present, absent, bad: [...bad, ...judgeTotal(totalBytes, limits)] };
}

function isEmptyPlace(checkout: Checkout, places: ReadonlySet<string>): (path: string) => boolean {
  return (path) =>
    places.has(path) && lstatSync(join(checkout.tree, path), { throwIfNoEntry: false })?.size === 0;
}

/** True for one of `roots` and everything below it. */
function isBelow(roots: ReadonlySet<string>): (path: string) => boolean {
  return (path) => {
    for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
      if (roots.has(path.slice(0, end))) return true;
    }
    return false;
  };
}

async function survey(
  checkout: Checkout,
  limits: CaptureLimits,
  isOutput: (path: string) => boolean,
): Promise<CaptureFinding[]> {
  const { findings, closed } = await surveyTree(checkout.tree, limits, isOutput);
  if (findings.length > 0 || closed.length === 0) return findings;
  const ignored = await listIgnored(
    checkout,
    closed.map(({ path }) => path),
  );
  return closed
    .filter(({ path }) => !ignored.has(path))
    .map(({ path, why }) => captureFinding(path, `the folder ${why}; change that, or remove it`));
}

/**
 * Bytes of a regular file or link; null for what is not there, lies behind a link that took a folder's place, or has no
 * form in a tree (pipes, sockets, devices). Where a tracked file became such a thing, that is a finding.
 */
async function measure(
  tree: string,
  path: string,
  findings: CaptureFinding[] | null,
): Promise<number | null> {
  const parts = path.split('/').slice(0, -1);
  for (let depth = 1; depth <= parts.length; depth += 1) {
    const parent = await lstat(join(tree, ...parts.slice(0, depth))).catch(() => null);
    if (!parent?.isDirectory()) return null;
  }
  const facts = await lstat(join(tree, path)).catch(() => null);
  if (facts === null || facts.isDirectory()) return null;
  if (facts.isFile() || facts.isSymbolicLink()) return facts.size;
  findings?.push(captureFinding(path, 'is not a file any more but a pipe, a socket or a device; remove it'));
  return null;
}

function tooLarge(path: string, size: number, limit: number): CaptureFinding {
  const advice = 'have git ignore it, make it smaller, or fetch it when it is needed';
  return captureFinding(path, `has ${size} bytes; a file of a commit may have ${limit}: ${advice}`);
}

function judgeCount(fileCount: number, limits: CaptureLimits): CaptureFinding[] {
  if (fileCount <= limits.files) return [];
  const message = `${fileCount} files are new or changed; a step may change ${limits.files}`;
  return [captureFinding(null, `${message}: have git ignore what is generated`)];
}

function judgeTotal(bytes: number, limits: CaptureLimits): CaptureFinding[] {
  if (bytes <= limits.totalBytes) return [];
  const message = `new and changed files have ${bytes} bytes together; a step may have ${limits.totalBytes}`;
  return [captureFinding(null, `${message}: have git ignore what is generated`)];
}

async function updateIndex(
  checkout: Checkout,
  options: readonly string[],
  paths: readonly string[],
): Promise<void> {
  if (paths.length === 0) return;
  const args = ['update-index', ...options, '-z', '--stdin'];
  const request = { ...onCheckout(checkout, args), stdin: nulTerminated(paths), answers: [128] };
  const { exitCode, stderr } = await runGit(request);
  if (exitCode === 0) return;
  const closed: string[] = [];
  for (const path of paths) {
    const isLink = (await lstat(join(checkout.tree, path)).catch(() => null))?.isSymbolicLink();
    if (isLink === false && !(await isReadable(join(checkout.tree, path)))) closed.push(path);
    if (closed.length === shownFindings) break;
  }
  throwFindings(
    closed.map((path) => captureFinding(path, 'cannot be read: its permissions forbid it; change them')),
  );
  const encoding = /failed to encode.*|BOM is (?:prohibited|required).*/.exec(stderr)?.[0];
  if (encoding !== undefined)
    throwFindings([captureFinding(encodedFile(encoding), `${encoding}: see .gitattributes`)]);
  throw new MeshwrightError('git_failed', `git update-index failed in ${checkout.tree}: ${stderr.trim()}`);
}

async function isReadable(path: string): Promise<boolean> {
  return access(path, constants.R_OK).then(
    () => true,
    () => false,
  );
}

function throwFindings(findings: readonly CaptureFinding[]): void {
  if (findings.length > 0) throw new CaptureRefused(findings);
}

/** git says `failed to encode '<path>' from …`. */
function encodedFile(message: string): string | null {
  return /'(.*)' from /.exec(message)?.[1] ?? null;
}
