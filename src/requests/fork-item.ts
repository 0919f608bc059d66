/** A person has an item go on from an earlier moment, as an item of its own; the one that it comes from is left as it is. */
import { MeshwrightError } from '../base/errors.ts';
import { type ForkOutcome, forkItem } from '../items/fork-item.ts';
import { begun } from '../items/in-flight.ts';
import type { ItemEvent } from '../items/item-event.ts';
import { itemBranch } from '../items/item-refs.ts';
import type { ItemState } from '../items/item-state.ts';
import { itemStream, readItemEvent, toNewEvent } from '../items/item-stream.ts';
import { appendNumbered } from '../items/number-item.ts';
import { putJsonBlob } from '../journal/blob-text.ts';
import { type StreamId, streamId } from '../journal/event.ts';
import type { Journal } from '../journal/journal.ts';
import type { LedgerChange } from '../journal/unit.ts';
import { itemAccount } from '../ledger/account-names.ts';
import type { Team } from '../teams/team.ts';
import { viewItem } from '../views/item-view.ts';

export interface ForkRequest {
  journal: Journal;
  newId: () => string;
  project: string;
  from: number;
  /** The last event of that item's stream that holds for the fork; its number as `log` shows it. */
  at: number;
  /** Another team than the pinned one; it must have the phase and the steps where the item goes on. */
  team: Team | null;
  /** For an item that says none of its own. */
  ceilingMicroUsd: number | null;
  by: string;
}

/**
 * One unit: the new item is there whole or not at all. Its branch is made by the worker that drives it.
 * @throws MeshwrightError `no_such_item`, `fork_refused`, `item_flow_mismatch`. Returns the new item's number.
 */
export async function forkItemAt(request: ForkRequest): Promise<number> {
  const { journal, project, from, at, by } = request;
  const events = (await viewItem(journal, project, from)).events.map(readItemEvent);
  const { team: given } = request;
  const team = given === null ? null : await putJsonBlob(journal, given);
  const { ceilingMicroUsd } = request;
  const forkAs = (number: number) =>
    requireFork(forkItem({ events, from, at, number, branch: itemBranch(number), team, ceilingMicroUsd }));
  const { state } = forkAs(0);
  if (given) begun(state, given.flow);
  const owner = (state.cluster ?? streamId('mesh', project)) as StreamId;
  return appendNumbered(journal, project, (number) => {
    const forked = forkAs(number);
    const stream = itemStream(project, number);
    return {
      id: request.newId(),
      claimUnit: owner,
      events: forked.events.map((event) => toNewEvent(event, by)),
      posts: [
        { stream: owner, id: `forked/${number}`, kind: 'item.forked', actor: by, data: { item: stream } },
      ],
      ...ledgerOf(forked.events, itemAccount(project, number)),
    };
  });
}

/** Which event of the item a person means: a number, or a step, which then starts again. @throws MeshwrightError `usage`. */
export async function findForkPoint(
  journal: Journal,
  project: string,
  { from, at }: { from: number; at: string },
): Promise<number> {
  if (/^\d{1,9}$/.test(at)) return Number(at);
  const { events } = await viewItem(journal, project, from);
  const start = events.findLast((stored) => {
    const event = readItemEvent(stored);
    return event.kind === 'step.started' && `${event.data.step}/`.startsWith(`${at}/`);
  });
  if (start) return start.version - 1;
  throw new MeshwrightError('usage', `item ${from} has no event or step ${at}`, {
    hint: `\`meshwright log ${from}\` numbers its events; a step is named like build/T1.`,
    exitCode: 2,
  });
}

function requireFork(outcome: ForkOutcome): { events: ItemEvent[]; state: ItemState } {
  if (outcome.ok) return outcome;
  throw new MeshwrightError('fork_refused', outcome.message, {
    hint: 'Give an event at which the item was at work: `meshwright log <item>` numbers them.',
    exitCode: 2,
  });
}

function ledgerOf(events: readonly ItemEvent[], account: string): { ledger?: LedgerChange[] } {
  const started = events.find((event) => event.kind === 'item.started');
  if (!started) return {};
  return { ledger: [{ op: 'open', account, ceilingMicroUsd: started.data.ceilingMicroUsd }] };
}
