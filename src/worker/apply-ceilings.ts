/**
 * Ceilings are read live: when a worker starts, accounts that are open get what the policy says now. What a person raised stands
 * where it is higher, and an item's own ceiling always.
 */
import { isFinal } from '../items/is-final.ts';
import { itemReducer } from '../items/item-reducer.ts';
import type { ItemState } from '../items/item-state.ts';
import { itemStream } from '../items/item-stream.ts';
import type { StreamId } from '../journal/event.ts';
import { foldStream } from '../journal/fold-stream.ts';
import { type AccountRow, sharedProject } from '../journal/unit.ts';
import { unlessNewer } from '../journal/upcast.ts';
import { agentAccount, itemAccount, parseAccount, stepAccount } from '../ledger/account-names.ts';
import { wideAccounts } from '../ledger/accounts.ts';
import { type AccountCeiling, ceilingUnder, type Raises, writeLedger } from '../ledger/ledger-event.ts';
import { clusterName } from './drive-mesh.ts';
import type { WorkerContext } from './worker-context.ts';

export async function applyCeilings(context: WorkerContext): Promise<void> {
  const { journal, newId, project, owner, host, clock, policy, hostPolicy } = context;
  const given = { policy: policy.ceilings, host: hostPolicy };
  const wide = wideAccounts({ project, store: host, cluster: clusterName }, given, clock.now());
  const write = (of: string, list: (raises: Raises) => Promise<AccountCeiling[]>): Promise<void> =>
    writeLedger({
      journal,
      newId,
      project: of,
      actor: owner,
      decide: async (raises) => {
        const ceilings = await list(raises);
        return ceilings.length > 0 ? { event: { kind: 'ceilings.applied', data: { ceilings } } } : null;
      },
    });
  const differing = async (isShared: boolean, raises: Raises): Promise<AccountCeiling[]> => {
    const plans = wide
      .filter((plan) => plan.isShared === isShared)
      .map(({ account, ceilingMicroUsd }) => ({
        account,
        ceilingMicroUsd: ceilingUnder(ceilingMicroUsd, raises.get(account)),
      }));
    const rows = await journal.accountsNamed(plans.map(({ account }) => account));
    return plans.filter((plan) => isDifferent(rows.get(plan.account), plan));
  };
  await write(sharedProject, (raises) => differing(true, raises));
  await write(project, async (raises) => [
    ...(await differing(false, raises)),
    ...(await listItemCeilings(context)),
  ]);
}

/** Of items that are not over: their own account, and those of the steps and agents of their phase. */
async function listItemCeilings({ journal, project, policy }: WorkerContext): Promise<AccountCeiling[]> {
  const rows = new Map((await journal.accounts(project)).map((row) => [row.account, row]));
  const found: AccountCeiling[] = [];
  for (const number of suspects([...rows.values()], policy.ceilings)) {
    const state = await readLiving(journal, project, number);
    if (!state) continue;
    const wanted = ceilingsOfItem(project, state, policy.ceilings);
    found.push(...wanted.filter((ceiling) => isDifferent(rows.get(ceiling.account), ceiling)));
  }
  return found;
}

/** Items with an account that does not have what the policy gives. Most have, so most items need not be read. */
function suspects(rows: readonly AccountRow[], ceilings: WorkerContext['policy']['ceilings']): Set<number> {
  const given = {
    item: ceilings.itemMicroUsd,
    step: ceilings.stepMicroUsd,
    agent: ceilings.agentMicroUsd,
  };
  const numbers = new Set<number>();
  for (const { account, ceilingMicroUsd } of rows) {
    const { kind, of } = parseAccount(account) ?? { kind: null, of: '' };
    if (kind !== 'item' && kind !== 'step' && kind !== 'agent') continue;
    if (ceilingMicroUsd !== given[kind]) numbers.add(Number(of.split('/')[1]));
  }
  return numbers;
}

async function readLiving(
  journal: WorkerContext['journal'],
  project: string,
  number: number,
): Promise<ItemState | null> {
  const item = await unlessNewer(() => foldStream(journal, itemStream(project, number), itemReducer));
  return item === null || item.state.eventCount === 0 || isFinal(item.state) ? null : item.state;
}

function ceilingsOfItem(
  project: string,
  state: ItemState,
  ceilings: WorkerContext['policy']['ceilings'],
): AccountCeiling[] {
  const under = (account: string, policyMicroUsd: number | null): AccountCeiling => ({
    account,
    ceilingMicroUsd: ceilingUnder(policyMicroUsd, state.raised[account]),
  });
  return [
    {
      account: itemAccount(project, state.number),
      ceilingMicroUsd: state.ceilingMicroUsd ?? ceilings.itemMicroUsd,
    },
    ...Object.entries(state.phase?.steps ?? {}).flatMap(([step, run]) => [
      under(stepAccount(project, state.number, step), ceilings.stepMicroUsd),
      ...(run.status === 'running'
        ? [under(agentAccount(run.agent as StreamId), ceilings.agentMicroUsd)]
        : []),
    ]),
  ];
}

/** One that is not open yet gets its ceiling with its first use. */
function isDifferent(row: AccountRow | undefined, { ceilingMicroUsd }: AccountCeiling): boolean {
  return row !== undefined && row.ceilingMicroUsd !== ceilingMicroUsd;
}
