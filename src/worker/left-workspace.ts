/**
 * What an earlier owner of a stream left on this machine: cells that may still run, workspaces with work in them. A cell is
 * ended before its workspace is touched, so that nobody writes there but the one who drives now.
 */
import type { StreamId } from '../journal/event.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { ownerKey, parseWorkspaceId, type SeatName, seatKey, workspaceId } from './seat-name.ts';
import type { WorkerContext } from './worker-context.ts';

type Parts = Pick<WorkerContext, 'workspaces' | 'driver' | 'mirror'>;

/** The newest workspace of this seat that is whole, under the seat's own id; older and broken ones are removed. */
export async function takeOverWorkspace(context: Parts, seat: SeatName): Promise<Workspace | null> {
  const id = workspaceId(seat);
  let taken: Workspace | null = null;
  for (const from of await listLeft(context, seat.owner, seat)) {
    await context.driver.endLeftover(from);
    taken ??= await context.workspaces.reopen({ id, from, mirror: context.mirror });
    if (from !== id || taken === null) await context.workspaces.discard(from);
  }
  return taken;
}

/** What is left of this very seat, for a run that does not go on in it. */
export async function clearSeat(context: Parts, seat: SeatName): Promise<void> {
  for (const id of await listLeft(context, seat.owner, seat)) await remove(context, id);
}

/**
 * Before a gate or a landing, which start from nothing each time and run one after another: its own seat, and whatever checks of an
 * earlier owner left. Workspaces of agents stay: somebody may still go on in them.
 */
export async function clearChecks(context: Parts, seat: SeatName): Promise<void> {
  await clearSeat(context, seat);
  for (const id of await listLeft(context, seat.owner)) {
    const name = parseWorkspaceId(id);
    const isOfAgent = name?.seatKey.startsWith('agent-') ?? true;
    if (name && !isOfAgent && name.fence < seat.fence) await remove(context, id);
  }
}

/** Everything that still belongs to a stream that is over; also cells whose workspace was lost. */
export async function clearStream(context: Parts, owner: StreamId): Promise<void> {
  for (const id of await listLeft(context, owner)) await remove(context, id);
  await endCells(context, (name) => name.ownerKey === ownerKey(owner));
}

/** Cells of a seat whose workspace is gone, e.g. because its disk is: nothing names them but their own record. */
export async function endCellsOf(context: Parts, seat: SeatName): Promise<void> {
  const isOfSeat = (name: ParsedId) =>
    name.ownerKey === ownerKey(seat.owner) && name.seatKey === seatKey(seat.purpose);
  await endCells(context, (name) => isOfSeat(name) && name.fence < seat.fence);
}

type ParsedId = NonNullable<ReturnType<typeof parseWorkspaceId>>;

async function endCells(context: Parts, isWanted: (name: ParsedId) => boolean): Promise<void> {
  for (const { id } of await context.driver.listLeftovers()) {
    const name = parseWorkspaceId(id);
    if (name && isWanted(name)) await context.driver.endLeftover(id);
  }
}

async function remove(context: Parts, id: string): Promise<void> {
  await context.driver.endLeftover(id);
  await context.workspaces.discard(id);
}

/** Newest first. */
async function listLeft(context: Parts, owner: StreamId, seat?: SeatName): Promise<string[]> {
  const found: { id: string; fence: number }[] = [];
  for (const id of await context.workspaces.list()) {
    const name = parseWorkspaceId(id);
    if (name?.ownerKey !== ownerKey(owner)) continue;
    if (seat && (name.seatKey !== seatKey(seat.purpose) || name.fence > seat.fence)) continue;
    found.push({ id, fence: name.fence });
  }
  return found.sort((a, b) => b.fence - a.fence).map(({ id }) => id);
}
