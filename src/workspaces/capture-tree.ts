/**
 * Takes the files of a workspace out as a tree of the mirror. The workspace is hostile: its git directory is never
 * opened, nested repositories are plain folders, and no step of this starts a program other than our own git.
 */
import { access, constants, lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Finding } from '../artifacts/finding.ts';
import { MeshwrightError } from '../base/errors.ts';
import { readGit, runGit } from '../git/run-git.ts';
import { CaptureRefused, captureFinding, shownFindings } from './capture-refused.ts';
import { type Checkout, onCheckout } from './check-out-commit.ts';
import { judgeName } from './judge-capture.ts';
import { judgeIndex } from './judge-index.ts';
import { listChanged, listIgnored, listUntracked, nulTerminated } from './list-changes.ts';
import { type CaptureLimits, captureLimits, surveyTree } from './survey-tree.ts';

/**
 * Id of the tree as the files are now, git-ignored files and `outputs` (paths of set-up) left out. Not `git add`: that
 * records nested repositories as links and, once it has, starts git inside them with the agent's configuration.
 * @throws CaptureRefused when something in there must not become a commit.
 */
export async function captureTree(
  checkout: Checkout,
  outputs: readonly string[],
  limits: CaptureLimits = captureLimits,
): Promise<string> {
  const isOutput = outputMatcher(outputs);
  refuse(await survey(checkout, limits, isOutput));
  const findings: Finding[] = [];
  const changed = await listChanged(checkout, findings);
  const untracked = (await listUntracked(checkout, limits.files, findings)).filter((path) => !isOutput(path));
  refuse([...findings, ...judgeCount(changed.length + untracked.length, limits)]);
  const present: string[] = [];
  const absent: string[] = [];
  let totalBytes = 0;
  for (const [index, path] of [...changed, ...untracked].entries()) {
    const isTracked = index < changed.length;
    const size = await measure(checkout.tree, path, isTracked ? findings : null);
    const badName = size === null || isTracked ? null : judgeName(path);
    if (badName !== null) findings.push(captureFinding(path, badName));
    if (size !== null) present.push(path);
    else if (isTracked) absent.push(path);
    if (size !== null && size > limits.fileBytes) findings.push(tooLarge(path, size, limits.fileBytes));
    else totalBytes += size ?? 0;
    if (findings.length >= shownFindings) break;
  }
  refuse([...findings, ...judgeTotal(totalBytes, limits)]);
  await updateIndex(checkout, ['--force-remove'], absent);
  await updateIndex(checkout, ['--add', '--replace'], present);
  refuse(await judgeIndex(checkout, present));
  return readGit(onCheckout(checkout, ['write-tree']));
}

function refuse(findings: readonly Finding[]): void {
  if (findings.length > 0) throw new CaptureRefused(findings.slice(0, shownFindings));
}

/** True for an output and everything below it. */
function outputMatcher(outputs: readonly string[]): (path: string) => boolean {
  const roots = new Set(outputs.map((output) => output.replace(/\/$/, '')));
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
): Promise<Finding[]> {
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
async function measure(tree: string, path: string, findings: Finding[] | null): Promise<number | null> {
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

function tooLarge(path: string, size: number, limit: number): Finding {
  const advice = 'have git ignore it, make it smaller, or fetch it when it is needed';
  return captureFinding(path, `has ${size} bytes; a file of a commit may have ${limit}: ${advice}`);
}

function judgeCount(fileCount: number, limits: CaptureLimits): Finding[] {
  if (fileCount <= limits.files) return [];
  const message = `${fileCount} files are new or changed; a step may change ${limits.files}`;
  return [captureFinding(null, `${message}: have git ignore what is generated`)];
}

function judgeTotal(bytes: number, limits: CaptureLimits): Finding[] {
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
  refuse(
    closed.map((path) => captureFinding(path, 'cannot be read: its permissions forbid it; change them')),
  );
  const encoding = /failed to encode.*|BOM is (?:prohibited|required).*/.exec(stderr)?.[0];
  if (encoding !== undefined) refuse([captureFinding(null, `${encoding}: see .gitattributes`)]);
  throw new MeshwrightError('git_failed', `git update-index failed in ${checkout.tree}: ${stderr.trim()}`);
}

async function isReadable(path: string): Promise<boolean> {
  return access(path, constants.R_OK).then(
    () => true,
    () => false,
  );
}
