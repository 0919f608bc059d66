/**
 * What nobody owns any more, told from facts alone. The rule: only what is proven to be nobody's may be ended; whatever an
 * item that goes on may still need (the workspace of a crashed agent is taken up where it was) is no orphan until the item
 * is final.
 */
import type { LeftoverCell } from '../../cells/cell.ts';
import type { StreamId } from '../../journal/event.ts';
import { parseWorkspaceId } from '../../worker/seat-name.ts';

/** `alive`, `dead`: a process of this machine. `elsewhere`: of another one, its lease still running. `expired`: nobody knows. */
export type HolderStanding = 'alive' | 'dead' | 'elsewhere' | 'expired';

export interface OrphanFacts {
  holders: readonly { project: string; unit: StreamId; owner: string; standing: HolderStanding }[];
  cells: readonly LeftoverCell[];
  workspaces: readonly string[];
  /** Streams that workspaces are made for, by the key that stands in their names. */
  owners: ReadonlyMap<string, { stream: StreamId; claimUnit: StreamId; isOver: boolean }>;
  /** Names in the trash folder of the workspaces. */
  trash: readonly string[];
  /** Money held by agents' calls. */
  held: readonly HeldReservation[];
  files: readonly LeftFile[];
  keptWork: readonly { project: string; ref: string; isItemFinal: boolean }[];
}

export interface HeldReservation {
  project: string;
  reservation: string;
  amountMicroUsd: number;
  agent: StreamId;
  claimUnit: StreamId;
  /** The agent's stream records the call as not answered yet. */
  isIntended: boolean;
  /** Nobody will come for it. */
  isItemFinal: boolean;
}

export interface LeftFile {
  kind: 'git_lock' | 'temporary_file';
  path: string;
  /** Whose mirror it is in; null: nobody's in particular. */
  project: string | null;
  ageMs: number;
}

export type OrphanKind =
  | 'claim'
  | 'cell'
  | 'workspace'
  | 'trash'
  | 'reservation'
  | 'git_lock'
  | 'temporary_file'
  | 'kept_work'
  | 'process';

export type OrphanEnding =
  | { do: 'release_claim'; project: string; unit: StreamId; owner: string }
  | { do: 'end_cell'; id: string }
  | { do: 'discard_workspace'; id: string }
  | { do: 'empty_trash' }
  | { do: 'close_agent'; project: string; agent: StreamId; claimUnit: StreamId }
  | { do: 'remove_file'; path: string };

export interface Orphan {
  kind: OrphanKind;
  name: string;
  /** Why it is one. */
  text: string;
  /** What `--fix` does; null: it is only told, a person decides. */
  ending: OrphanEnding | null;
}

/** Below that, whoever made the file may just be about to take it away. */
const oldFileMs = 10 * 60_000;

export function findOrphans(facts: OrphanFacts): Orphan[] {
  return [
    ...facts.holders.flatMap(claimOrphan),
    ...facts.cells.flatMap((cell) => cellOrphan(cell, facts)),
    ...facts.workspaces.flatMap((id) => workspaceOrphan(id, facts)),
    ...facts.trash.map(
      (name): Orphan => ({
        kind: 'trash',
        name,
        text: 'was thrown away and is not deleted yet',
        ending: { do: 'empty_trash' },
      }),
    ),
    ...facts.held.flatMap((held) => reservationOrphan(held, facts)),
    ...facts.files.flatMap((file) => fileOrphan(file, facts)),
    ...facts.keptWork.filter(({ isItemFinal }) => isItemFinal).map(keptWorkOrphan),
  ];
}

function claimOrphan({ project, unit, owner, standing }: OrphanFacts['holders'][number]): Orphan[] {
  if (standing !== 'dead') return [];
  const text = 'its worker ended without giving it back';
  return [{ kind: 'claim', name: unit, text, ending: { do: 'release_claim', project, unit, owner } }];
}

/** Another machine may share the home, and its processes look dead from here. */
function cellOrphan(cell: LeftoverCell, facts: OrphanFacts): Orphan[] {
  if (cell.isOpenerAlive) return [];
  const count = cell.pids.length;
  const processes = count === 0 ? 'no process of it runs' : `${count} of its processes run`;
  const isShared = facts.holders.some(({ standing }) => standing === 'elsewhere');
  return [
    {
      kind: 'cell',
      name: cell.id,
      text: isShared
        ? `${processes}; workers on another machine use this database, so it is left alone`
        : `the process that opened it ended; ${processes}`,
      ending: isShared ? null : { do: 'end_cell', id: cell.id },
    },
  ];
}

function workspaceOrphan(id: string, facts: OrphanFacts): Orphan[] {
  const name = parseWorkspaceId(id);
  const owner = name === null ? undefined : facts.owners.get(name.ownerKey);
  const place = { kind: 'workspace' as const, name: id };
  if (!owner) {
    // Of another database that shares this home, or of an earlier version: not ours to judge.
    return [{ ...place, text: 'belongs to nothing in this database', ending: null }];
  }
  if (!owner.isOver || isHeld(facts, owner.claimUnit)) return [];
  return [{ ...place, text: `${owner.stream} is over`, ending: { do: 'discard_workspace', id } }];
}

function reservationOrphan(held: HeldReservation, facts: OrphanFacts): Orphan[] {
  const { project, reservation, agent, claimUnit } = held;
  const place = { kind: 'reservation' as const, name: reservation };
  if (!held.isIntended) {
    return [{ ...place, text: `${agent} knows of no such call; see doctor --verify`, ending: null }];
  }
  if (!held.isItemFinal || isHeld(facts, claimUnit)) return [];
  const text = `held by ${agent}, which will not go on; it is charged in full`;
  return [{ ...place, text, ending: { do: 'close_agent', project, agent, claimUnit } }];
}

function fileOrphan({ kind, path, project, ageMs }: LeftFile, facts: OrphanFacts): Orphan[] {
  if (ageMs < oldFileMs) return [];
  const isWorkedOn = facts.holders.some(
    (holder) =>
      (project === null || holder.project === project) && ['alive', 'elsewhere'].includes(holder.standing),
  );
  const minutes = Math.floor(ageMs / 60_000);
  const text = isWorkedOn
    ? `${minutes} minutes old; a worker runs, so it is left alone`
    : `left ${minutes} minutes ago`;
  return [{ kind, name: path, text, ending: isWorkedOn ? null : { do: 'remove_file', path } }];
}

function keptWorkOrphan({ project, ref }: { project: string; ref: string }): Orphan {
  const text = `unfinished work of an item of ${project} that is over; git keeps it until you delete the ref`;
  return { kind: 'kept_work', name: ref, text, ending: null };
}

/** By a worker that lives, or may. */
function isHeld(facts: OrphanFacts, unit: StreamId): boolean {
  return facts.holders.some(
    (holder) => holder.unit === unit && ['alive', 'elsewhere'].includes(holder.standing),
  );
}
