/** The branch of an item that was forked: it begins where the other item's stood then. */
import type { ItemState } from '../items/item-state.ts';
import { branchRef } from './start-item.ts';
import type { WorkerContext } from './worker-context.ts';

/** Before anything is driven; a second time changes nothing, so a crash in between leaves nothing half. */
export async function ensureForkBranch(
  { mirror }: Pick<WorkerContext, 'mirror'>,
  { fork, branch, head }: ItemState,
): Promise<void> {
  if (!fork || branch === null || head === null) return;
  const ref = branchRef(branch);
  if ((await mirror.resolve(ref)) === null) await mirror.moveRef(ref, null, head);
}
