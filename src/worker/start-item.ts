/** Begins an item: pins its team, takes the target's head as its base, and gives it a branch and a ledger account. */
import { MeshwrightError } from '../base/errors.ts';
import type { ItemEvent } from '../items/item-event.ts';
import { itemBranch } from '../items/item-refs.ts';
import type { ItemState } from '../items/item-state.ts';
import { putJsonBlob } from '../journal/blob-text.ts';
import type { LedgerChange } from '../journal/unit.ts';
import { itemAccount } from '../ledger/account-names.ts';
import type { Team } from '../teams/team.ts';
import type { WorkerContext } from './worker-context.ts';

export async function startItem(
  context: WorkerContext,
  state: ItemState,
): Promise<{ event: ItemEvent; team: Team; ledger: LedgerChange[] }> {
  const { mirror, policy, project } = context;
  const flow = state.flowName ?? policy.team.flow;
  const team = await context.compileTeam(flow);
  const base = await mirror.importBranch(context.repository, policy.targetBranch);
  const branch = itemBranch(state.number);
  const ceilingMicroUsd = state.ceilingMicroUsd ?? policy.ceilings.itemMicroUsd;
  const ref = branchRef(branch);
  // A start that crashed before it was recorded may have left the ref: it holds no work yet, so it is moved.
  const left = await mirror.resolve(ref);
  if (!(await mirror.moveRef(ref, left, base))) {
    throw new MeshwrightError('branch_moved', `branch ${branch} was moved by somebody else`, {
      hint: 'run the command again',
    });
  }
  return {
    team,
    event: {
      kind: 'item.started',
      data: {
        team: await putJsonBlob(context.journal, team),
        flow,
        base,
        branch,
        target: policy.targetBranch,
        ceilingMicroUsd,
      },
    },
    ledger: [{ op: 'open', account: itemAccount(project, state.number), ceilingMicroUsd }],
  };
}

export function branchRef(branch: string): string {
  return `refs/heads/${branch}`;
}
