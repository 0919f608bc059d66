/** Which accounts a call must fit in beside its agent's and its item's, with the ceilings that they have now. Pure; opens nothing. */
import type { Ceilings, HostPolicy } from '../policy/policy.ts';
import { type AccountPlan, clusterAccount, hostAccount, meshAccount, stepAccount } from './account-names.ts';

export interface AgentPlace {
  project: string;
  /** Names the machine's git store. */
  store: string;
  cluster: string;
  item: number;
  /** `build/T1/developer`. */
  step: string;
}

/** What the project's policy and the machine's say now. */
export interface GivenCeilings {
  policy: Ceilings;
  host: HostPolicy;
}

/** What every call must fit in beside its agent's account and its item's; windows are those that `atMs` falls in. */
export function outerAccounts(place: AgentPlace, given: GivenCeilings, atMs: number): AccountPlan[] {
  const { project, item, step } = place;
  const own = { account: stepAccount(project, item, step), ceilingMicroUsd: given.policy.stepMicroUsd };
  return [{ ...own, isShared: false }, ...wideAccounts(place, given, atMs)];
}

/** Those that many items share: of the cluster, the mesh and the host, for the day and the month. */
export function wideAccounts(
  { project, store, cluster }: Pick<AgentPlace, 'project' | 'store' | 'cluster'>,
  { policy, host }: GivenCeilings,
  atMs: number,
): AccountPlan[] {
  const plan = (account: string, ceilingMicroUsd: number | null, isShared = false): AccountPlan => ({
    account,
    ceilingMicroUsd,
    isShared,
  });
  return [
    plan(clusterAccount(project, cluster, 'day', atMs), policy.clusterDayMicroUsd),
    plan(clusterAccount(project, cluster, 'month', atMs), policy.clusterMonthMicroUsd),
    plan(meshAccount(project, 'day', atMs), policy.meshDayMicroUsd),
    plan(meshAccount(project, 'month', atMs), policy.meshMonthMicroUsd),
    plan(hostAccount(store, 'day', atMs), host.dayMicroUsd, true),
    plan(hostAccount(store, 'month', atMs), host.monthMicroUsd, true),
  ];
}
