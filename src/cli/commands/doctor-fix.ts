/** Ends orphans, one by one, and says of each what came of it. Asks again right before: what has an owner by then is left alone. */
import { lstat, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { messageOf } from '../../base/errors.ts';
import type { CellDriver } from '../../cells/cell.ts';
import { closeInterruptedAgent } from '../../gateway/resolve-doubt.ts';
import type { StreamId } from '../../journal/event.ts';
import { type Claim, dueAtOnce, type Journal } from '../../journal/journal.ts';
import { noSecrets } from '../../secrets/redactor.ts';
import { describeThisOwner } from '../../worker/owner.ts';
import type { WorkspaceStore } from '../../workspaces/create-workspaces.ts';
import type { Orphan, OrphanEnding } from './doctor-orphan.ts';

export interface FixContext {
  journal: Journal;
  driver: Pick<CellDriver, 'endLeftover'>;
  workspaces: Pick<WorkspaceStore, 'discard' | 'emptyTrash'>;
  machine: string;
  newId: () => string;
}

export interface EndedOrphan {
  orphan: Orphan;
  isEnded: boolean;
  /** What was done, or why not. */
  outcome: string;
}

const leaseMs = 15_000;

export async function endOrphans(context: FixContext, orphans: readonly Orphan[]): Promise<EndedOrphan[]> {
  const ended: EndedOrphan[] = [];
  for (const orphan of orphans) {
    if (orphan.ending === null) continue;
    try {
      ended.push({ orphan, isEnded: true, outcome: await carryOut(context, orphan.ending) });
    } catch (error) {
      ended.push({ orphan, isEnded: false, outcome: messageOf(error) });
    }
  }
  return ended;
}

async function carryOut(context: FixContext, ending: OrphanEnding): Promise<string> {
  switch (ending.do) {
    case 'release_claim': {
      const { project, unit, owner } = ending;
      return withClaim(
        context,
        { project, unit, voidOwners: [owner] },
        async () => 'given back; due again at once',
      );
    }
    case 'end_cell':
      await context.driver.endLeftover(ending.id);
      return 'ended, its folder removed';
    case 'discard_workspace':
      await context.driver.endLeftover(ending.id);
      await context.workspaces.discard(ending.id);
      // Discarded is out of the way, emptied is gone: this process may end before it would be.
      await context.workspaces.emptyTrash();
      return 'removed';
    case 'empty_trash':
      await context.workspaces.emptyTrash();
      return 'deleted';
    case 'close_agent': {
      const { project, claimUnit: unit } = ending;
      return withClaim(context, { project, unit, voidOwners: [] }, (claim) =>
        closeAgent(context, ending, claim),
      );
    }
    case 'remove_file':
      await removeLeftFile(ending.path);
      return 'removed';
  }
}

async function closeAgent(
  { journal, newId }: FixContext,
  { project, agent }: { project: string; agent: StreamId },
  claim: Claim,
): Promise<string> {
  await closeInterruptedAgent({
    journal,
    project,
    agent,
    claimUnit: claim.unit,
    fence: claim.fence,
    redactor: noSecrets,
    newId,
    outcome: 'interrupted',
    summary: 'closed by doctor --fix',
  });
  return 'charged in full, its agent closed';
}

/** @throws when somebody else holds it by now. */
async function withClaim(
  context: FixContext,
  wanted: { project: string; unit: StreamId; voidOwners: string[] },
  use: (claim: Claim) => Promise<string>,
): Promise<string> {
  const { journal, machine, newId } = context;
  const { project, unit, voidOwners } = wanted;
  const owner = describeThisOwner(machine, newId().slice(-8));
  const wakeAt = (await journal.streamHead(unit))?.wakeAt ?? null;
  const claim = await journal.claimUnit(unit, { owner, host: hostname(), leaseMs, project, voidOwners });
  if (!claim) throw new Error('another worker holds it by now');
  try {
    return await use(claim);
  } finally {
    // What a dead worker was doing must be taken up; what nobody was doing keeps its time.
    await journal.release(claim, voidOwners.length > 0 ? dueAtOnce : wakeAt);
  }
}

/** A name that was something else when it was listed is not followed. */
async function removeLeftFile(place: string): Promise<void> {
  const facts = await lstat(place).catch(() => null);
  if (facts) await rm(place, { recursive: facts.isDirectory(), force: true });
}
