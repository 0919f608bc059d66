/**
 * What is put away when an item is over: agents that were cut off get an end, nobody is asked for them any more, workspaces and
 * cells are removed. Safe to repeat.
 */
import { closeInterruptedAgent } from '../gateway/resolve-doubt.ts';
import type { ItemState } from '../items/item-state.ts';
import { itemStream } from '../items/item-stream.ts';
import type { StreamId } from '../journal/event.ts';
import type { Claim } from '../journal/journal.ts';
import { dropPosts, runningAgents } from './item-asks.ts';
import { clearStream } from './left-workspace.ts';
import type { WorkerContext } from './worker-context.ts';

/** Nothing of the item runs any more. */
export async function retireItem(context: WorkerContext, claim: Claim, state: ItemState): Promise<void> {
  const { journal, project, newId } = context;
  for (const step of Object.values(state.phase?.steps ?? {})) {
    const agent = step.agent as StreamId;
    if (step.status !== 'running' || (await journal.streamHead(agent)) === undefined) continue;
    const ending = { outcome: state.status, summary: `the item was ${state.status} while it worked` };
    await closeInterruptedAgent({
      journal,
      project,
      agent,
      claimUnit: claim.unit,
      fence: claim.fence,
      redactor: context.secrets.redactor,
      newId,
      ...ending,
    });
  }
  // Asked in the very moment in which the item came to its end.
  for (const post of await dropPosts(context, state, new Set(runningAgents(state))))
    await journal.post(project, post);
  await clearStream(context, itemStream(project, state.number));
}
