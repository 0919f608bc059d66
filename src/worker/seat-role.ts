/** A role as it sits in a step's seat: narrowed by the policy as it is now, and to what the item has changed up to the step. */
import { seatedRole } from '../capabilities/seated-role.ts';
import type { Role } from '../teams/team.ts';
import type { WorkerContext } from './worker-context.ts';

/** `from`: the commit that the item began at; null: it has none yet. `to`: the one that the step begins at. */
export async function seatRole(
  { mirror, policy }: Pick<WorkerContext, 'mirror' | 'policy'>,
  role: Role,
  { from, to }: { from: string | null; to: string },
): Promise<Role> {
  const changed = role.onlyFiles === null || from === null ? [] : await mirror.changedFiles(from, to);
  return seatedRole(role, policy.permissions, changed);
}
