/**
 * What must be true after a run, whoever died in it: looked up in git, in the database, in the process table, and in the
 * model server's book. Says what is wrong in sentences; an empty list is a good run.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { homePaths } from '../../src/base/home.ts';
import { readGit } from '../../src/git/run-git.ts';
import { verifyJournal } from '../../src/journal/verify-journal.ts';
import { itemAccount } from '../../src/ledger/account-names.ts';
import { openJournalRows } from '../../src/postgres/journal-rows.ts';
import { journalMeaning } from '../../src/views/journal-meaning.ts';
import { compareBooks, type Doubts } from './compare-books.ts';
import type { KillWorld } from './kill-world.ts';
import { ordersBriefs, ordersProject, ordersTarget } from './orders-project.ts';

export interface RunCheck {
  problems: string[];
  /** Tree of the target branch. */
  tree: string;
  events: number;
  doubts: Doubts;
  /** Requests that the model server answered, and how many different ones they were. */
  paidCalls: number;
  distinctCalls: number;
  /** Left on disk after the last worker had ended. */
  leftWorkspaces: number;
  leftCells: number;
}

/** `tree`: what the target must be; null: the first run says. */
export async function checkRun(world: KillWorld, expected: { tree: string | null }): Promise<RunCheck> {
  const books = await compareBooks(world);
  const target = await checkTarget(world, expected.tree);
  const journal = await checkJournal(world);
  const paths = homePaths(world.home);
  return {
    problems: [
      ...target.problems,
      ...(await checkBranches(world)),
      ...journal.problems,
      ...(await checkLedger(world)),
      ...books.problems,
      ...(await findProcesses(world.root)),
    ],
    tree: target.tree,
    events: journal.events,
    doubts: books.doubts,
    paidCalls: books.paidCalls,
    distinctCalls: books.distinctCalls,
    leftWorkspaces: countEntries(paths.workspaces),
    leftCells: countEntries(paths.cells),
  };
}

async function checkTarget(world: KillWorld, tree: string | null) {
  const git = (...args: string[]) => readGit({ cwd: world.repository, args, trust: 'user' });
  const problems: string[] = [];
  const actual = (await git('rev-parse', `${ordersTarget}^{tree}`)).trim();
  if (tree !== null && actual !== tree) problems.push(`the target's tree is ${actual}, not ${tree}`);
  const landings = await readTrailers(git, ordersTarget, 'Meshwright-Landing');
  if (landings.length !== ordersBriefs.length || hasTwice(landings)) {
    problems.push(`the target has the landings ${landings.join(', ')}`);
  }
  const commits = (await git('rev-list', '--count', ordersTarget)).trim();
  if (commits !== String(1 + ordersBriefs.length)) problems.push(`the target has ${commits} commits`);
  const dirty = (await git('status', '--porcelain')).trim();
  if (dirty !== '') problems.push(`the checkout is not clean: ${dirty}`);
  return { problems, tree: actual };
}

async function checkBranches(world: KillWorld): Promise<string[]> {
  const mirror = path.join(homePaths(world.home).mirrors, `${ordersProject}.git`);
  const git = (...args: string[]) => readGit({ cwd: mirror, args });
  const problems: string[] = [];
  for (const [index] of ordersBriefs.entries()) {
    const steps = await readTrailers(git, `refs/heads/mesh/${index + 1}`, 'Meshwright-Step');
    if (steps.length === 0 || hasTwice(steps)) problems.push(`mesh/${index + 1} has ${steps.join(', ')}`);
  }
  return problems;
}

async function readTrailers(
  git: (...args: string[]) => Promise<string>,
  ref: string,
  name: string,
): Promise<string[]> {
  const text = await git('log', `--format=%(trailers:key=${name},valueonly)`, ref);
  return text.split('\n').filter(Boolean);
}

function hasTwice(values: readonly string[]): boolean {
  return new Set(values).size !== values.length;
}

async function checkJournal(world: KillWorld): Promise<{ problems: string[]; events: number }> {
  const opened = await openJournalRows(world.databaseUrl, { project: null, blobs: 'hashes' });
  try {
    const { damage, events } = await verifyJournal(opened.rows, journalMeaning);
    return { problems: damage.map(({ place, text }) => `journal, ${place}: ${text}`), events };
  } finally {
    await opened.close();
  }
}

/** The rows against each other; that they match the events is the journal's verification. */
async function checkLedger({ journal, model }: KillWorld): Promise<string[]> {
  const problems: string[] = [];
  const reservations = await journal.reservations(ordersProject);
  const held = reservations.filter(({ state }) => state === 'held');
  if (held.length > 0) problems.push(`${held.length} reservations are still held`);
  let spent = 0;
  for (const [index] of ordersBriefs.entries()) {
    const account = itemAccount(ordersProject, index + 1);
    const row = await journal.account(account);
    const settled = reservations
      .filter(({ accounts }) => accounts.includes(account))
      .reduce((sum, { settledMicroUsd }) => sum + (settledMicroUsd ?? 0), 0);
    spent += row?.spentMicroUsd ?? 0;
    if (row?.spentMicroUsd !== settled || row.reservedMicroUsd !== 0) {
      problems.push(`${account} has spent ${row?.spentMicroUsd}, its reservations say ${settled}`);
    }
  }
  const billed = model.calls.reduce((sum, { costMicroUsd }) => sum + costMicroUsd, 0);
  if (spent < billed) problems.push(`the provider billed ${billed} µ$, the ledger knows only ${spent}`);
  return problems;
}

/** A killed parent's children are given a moment to notice. */
async function findProcesses(root: string): Promise<string[]> {
  const deadline = Date.now() + 5_000;
  for (;;) {
    const left = listProcesses(root);
    if (left.length === 0 || Date.now() > deadline) return left.map((each) => `still running: ${each}`);
    await delay(100);
  }
}

/** Linux only; elsewhere it finds nothing. */
function listProcesses(root: string): string[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        const isOurs = command.includes(root) || readlinkSync(`/proc/${pid}/cwd`).startsWith(root);
        return isOurs && command !== '' ? [`${pid} ${command}`] : [];
      } catch {
        return [];
      }
    });
}

function countEntries(dir: string): number {
  try {
    return readdirSync(dir).filter((name) => !name.startsWith('.')).length;
  } catch {
    return 0;
  }
}
