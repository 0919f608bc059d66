/** Collects what the rule for orphans needs: from the database, the home's folders and the process table. Changes nothing. */
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { HomePaths } from '../../base/home.ts';
import type { CellDriver } from '../../cells/cell.ts';
import { readTape } from '../../gateway/tape-writer.ts';
import { runGit } from '../../git/run-git.ts';
import { isFinal } from '../../items/is-final.ts';
import { itemReducer } from '../../items/item-reducer.ts';
import type { StreamId } from '../../journal/event.ts';
import { foldStream } from '../../journal/fold-stream.ts';
import type { ClaimHolder, Journal, StreamHead } from '../../journal/journal.ts';
import { isOwnerDead, parseOwner } from '../../worker/owner.ts';
import { ownerKey } from '../../worker/seat-name.ts';
import type { Workspaces } from '../../workspaces/workspace.ts';
import type { HeldReservation, HolderStanding, LeftFile, OrphanFacts } from './doctor-orphan.ts';

export interface FactSources {
  journal: Journal;
  paths: HomePaths;
  driver: Pick<CellDriver, 'listLeftovers'>;
  workspaces: Pick<Workspaces, 'list'>;
  /** As describeMachine says. */
  machine: string;
  /** Milliseconds since the epoch. */
  now: number;
}

type Owners = Map<string, { stream: StreamId; claimUnit: StreamId; isOver: boolean }>;

export async function collectOrphanFacts(sources: FactSources): Promise<OrphanFacts> {
  const { journal, paths, driver, workspaces, machine, now } = sources;
  const holders: OrphanFacts['holders'][number][] = [];
  const owners: Owners = new Map();
  const held: HeldReservation[] = [];
  const keptWork: OrphanFacts['keptWork'][number][] = [];
  for (const project of await journal.projects()) {
    for (const holder of await journal.claimHolders(project)) {
      holders.push({
        project,
        unit: holder.unit,
        owner: holder.owner,
        standing: standingOf(holder, machine, now),
      });
    }
    const ended = await addOwners(journal, project, owners);
    held.push(...(await listHeld(journal, project, ended)));
    for (const ref of await listKeptRefs(path.join(paths.mirrors, `${project}.git`))) {
      keptWork.push({ project, ref, isItemFinal: ended.has(`item:${project}/${ref.split('/')[3]}`) });
    }
  }
  return {
    holders,
    cells: await driver.listLeftovers(),
    workspaces: await workspaces.list(),
    owners,
    trash: await readdir(path.join(paths.workspaces, '.trash')).catch(() => []),
    held,
    files: await listLeftFiles(paths.mirrors, now),
    keptWork,
  };
}

function standingOf(holder: ClaimHolder, machine: string, now: number): HolderStanding {
  if (isOwnerDead(holder.owner, machine)) return 'dead';
  if (parseOwner(holder.owner)?.machine === machine) return 'alive';
  return Date.parse(holder.leaseUntil) < now ? 'expired' : 'elsewhere';
}

/** Returns the item streams of the project that are over. */
async function addOwners(journal: Journal, project: string, owners: Owners): Promise<Set<string>> {
  const ended = new Set<string>();
  const put = ({ stream, claimUnit }: StreamHead, isOver: boolean) =>
    owners.set(ownerKey(stream), { stream, claimUnit, isOver });
  for (const head of await journal.streams(project, { prefix: 'item:' })) {
    const isOver = await isItemOver(journal, head.stream);
    if (isOver) ended.add(head.stream);
    put(head, isOver);
  }
  for (const head of await journal.streams(project, { prefix: 'target:' })) {
    const waiting = await journal.inbox(head.claimUnit);
    put(head, waiting.length === 0);
  }
  return ended;
}

/** An item that cannot be folded is somebody's to look at, and keeps what it has. */
async function isItemOver(journal: Journal, stream: StreamId): Promise<boolean> {
  try {
    return isFinal((await foldStream(journal, stream, itemReducer)).state);
  } catch {
    return false;
  }
}

async function listHeld(
  journal: Journal,
  project: string,
  ended: ReadonlySet<string>,
): Promise<HeldReservation[]> {
  const found: HeldReservation[] = [];
  for (const row of await journal.reservations(project, { state: 'held' })) {
    const agent = row.stream;
    const head = await journal.streamHead(agent);
    const item = /^agent:([^/]+\/\d+)/.exec(agent)?.[1];
    const tape = await readTape(journal, agent).catch(() => null);
    const inDoubt = tape?.inDoubt;
    found.push({
      project,
      reservation: row.reservation,
      amountMicroUsd: row.amountMicroUsd,
      agent,
      claimUnit: head?.claimUnit ?? agent,
      // A tape that cannot be read proves nothing.
      isIntended: tape === null || (inDoubt?.kind === 'model' && inDoubt.reservation === row.reservation),
      isItemFinal: ended.has(`item:${item}`),
    });
  }
  return found;
}

async function listKeptRefs(mirror: string): Promise<string[]> {
  if ((await stat(mirror).catch(() => null)) === null) return [];
  const { stdout } = await runGit({
    args: ['for-each-ref', '--format=%(refname)', 'refs/meshwright/kept/'],
    cwd: mirror,
    gitDir: mirror,
  });
  return stdout.toString('utf8').split('\n').filter(Boolean);
}

/** Locks of git in the mirrors, and mirrors that were being made. */
async function listLeftFiles(mirrors: string, now: number): Promise<LeftFile[]> {
  const found: LeftFile[] = [];
  const put = async (kind: LeftFile['kind'], file: string, project: string | null) => {
    const facts = await stat(file).catch(() => null);
    if (facts) found.push({ kind, path: file, project, ageMs: now - facts.mtimeMs });
  };
  for (const name of (await readdir(mirrors).catch(() => [])).sort()) {
    if (name.startsWith('.')) await put('temporary_file', path.join(mirrors, name), null);
    else
      for (const file of await listLocks(path.join(mirrors, name))) {
        await put('git_lock', file, name.replace(/\.git$/, ''));
      }
  }
  return found;
}

/** Object folders have many files and none of their locks: left out. */
async function listLocks(dir: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(dir, { withFileTypes: true }).catch(() => [])) {
    const place = path.join(dir, entry.name);
    if (entry.isDirectory() && entry.name !== 'objects') found.push(...(await listLocks(place)));
    else if (entry.isFile() && entry.name.endsWith('.lock')) found.push(place);
  }
  return found;
}
