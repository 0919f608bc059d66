/** The cell of one seat: what its role may write and read in there. A replay opens the same one. */
import { isReadOnly } from '../capabilities/judge-tool-call.ts';
import { writableOf } from '../capabilities/write-scope.ts';
import type { Cell } from '../cells/cell.ts';
import type { Role } from '../teams/team.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import type { WorkerContext } from './worker-context.ts';

export interface SeatCell {
  id: string;
  workspace: Workspace;
  role: Role;
  /** What an outside agent needs besides. */
  outside?: { gatewaySocket: string; readable: readonly string[]; allowedHosts: string[] } | undefined;
}

export function openSeatCell(
  {
    driver,
    policy,
    cellLimits,
    secrets,
  }: Pick<WorkerContext, 'driver' | 'policy' | 'cellLimits' | 'secrets'>,
  { id, workspace, role, outside }: SeatCell,
): Promise<Cell> {
  const writable = writableOf(role);
  return driver.open({
    id,
    workspace: workspace.dir,
    isWorkspaceWritable: !isReadOnly(role),
    ...(writable !== null && { writable }),
    readable: [...workspace.readable, ...policy.cells.readable, ...(outside?.readable ?? [])],
    // Reading commands of git would otherwise try to write its index.
    env: {
      ...workspace.env,
      ...(writable !== null && { GIT_OPTIONAL_LOCKS: '0' }),
      ...secrets.variablesFor(role.name),
    },
    allowedHosts: outside?.allowedHosts ?? [],
    ...(outside && { gatewaySocket: outside.gatewaySocket }),
    limits: cellLimits,
  });
}
