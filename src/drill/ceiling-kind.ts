/** Every kind of ceiling that there is, how a drill sets it low and leaves the others out of reach, and whose accounts it bounds. */
import type { AccountRow } from '../journal/unit.ts';

export interface CeilingKind {
  name: string;
  /** Key under `ceilings` of mesh.yaml; null: of the host's own file. */
  meshKey: string | null;
  hostKey: string | null;
  bounds: (account: string) => boolean;
}

const day = /@\d{4}-\d{2}-\d{2}$/;
const month = /@\d{4}-\d{2}$/;

function mesh(name: string, meshKey: string, bounds: CeilingKind['bounds']): CeilingKind {
  return { name, meshKey, hostKey: null, bounds };
}

function host(name: string, hostKey: string, bounds: CeilingKind['bounds']): CeilingKind {
  return { name, meshKey: null, hostKey, bounds };
}

function windowOf(prefix: string, window: RegExp): CeilingKind['bounds'] {
  return (account) => account.startsWith(prefix) && window.test(account);
}

export const ceilingKinds: readonly CeilingKind[] = [
  mesh('agent', 'agent_usd', (account) => account.startsWith('agent:')),
  mesh('step', 'step_usd', (account) => account.startsWith('step:')),
  mesh('item', 'item_usd', (account) => account.startsWith('item:')),
  mesh('cluster day', 'cluster_day_usd', windowOf('cluster:', day)),
  mesh('cluster month', 'cluster_month_usd', windowOf('cluster:', month)),
  mesh('mesh day', 'mesh_day_usd', windowOf('mesh:', day)),
  mesh('mesh month', 'mesh_month_usd', windowOf('mesh:', month)),
  host('host day', 'day_usd', windowOf('host:', day)),
  host('host month', 'month_usd', windowOf('host:', month)),
];

/** The most that any of the kind's accounts went over its ceiling, and whether one came so near that a call was refused. */
export function overshootOf(accounts: readonly AccountRow[], kind: CeilingKind): number {
  return Math.max(
    0,
    ...accounts
      .filter(({ account, ceilingMicroUsd }) => kind.bounds(account) && ceilingMicroUsd !== null)
      .map((row) => row.spentMicroUsd + row.reservedMicroUsd - (row.ceilingMicroUsd ?? 0)),
  );
}
