/**
 * A person raises the ceiling of the cluster, the mesh or the host for the window that runs now; every item that waits for that
 * account goes on. An item's own ceiling, its steps' and its agents' are raised with its resume (ask-of-item.ts).
 */
import { MeshwrightError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { formatUsd } from '../base/money.ts';
import { itemStream } from '../items/item-stream.ts';
import type { Journal } from '../journal/journal.ts';
import { type InboxPost, sharedProject } from '../journal/unit.ts';
import { type AccountPlan, parseAccount } from '../ledger/account-names.ts';
import { type GivenCeilings, wideAccounts } from '../ledger/accounts.ts';
import { mayRaise } from '../ledger/judge-ceiling.ts';
import { ceilingUnder, type Raises, writeLedger } from '../ledger/ledger-event.ts';
import { viewItems } from '../views/item-view.ts';

export interface RaiseRequest {
  journal: Journal;
  newId: () => string;
  project: string;
  /** Names this machine's git store. */
  store: string;
  /** What the policies say now. */
  given: GivenCeilings;
  what: { kind: 'cluster'; name: string } | { kind: 'mesh' } | { kind: 'host' };
  window: 'day' | 'month';
  ceilingMicroUsd: number;
  by: string;
  nowMs: number;
}

export interface RaisedCeiling {
  account: string;
  ceilingMicroUsd: number;
  /** Numbers of this project's items that go on. */
  items: number[];
}

/** @throws MeshwrightError `raise_not_allowed`, `request_refused` when there is no such ceiling or it is not above the old one. */
export async function raiseCeiling(request: RaiseRequest): Promise<RaisedCeiling> {
  const { journal, project, given, what, ceilingMicroUsd, by } = request;
  const isShared = what.kind === 'host';
  requireRaiser(isShared ? given.host.raiseBy : given.policy.raiseBy, by);
  const plan = planOf(request);
  const waiting = await findWaiting(journal, isShared ? await journal.projects() : [project], plan.account);
  await writeLedger({
    journal,
    newId: request.newId,
    project: isShared ? sharedProject : project,
    actor: `person:${by}`,
    decide: async (raises) => {
      await requireAbove(journal, plan, { raises, ceilingMicroUsd });
      const posts = waiting.map((item) => resumePost(item, by, request.newId()));
      return {
        event: { kind: 'ceiling.raised', data: { account: plan.account, ceilingMicroUsd, by } },
        ...(posts.length > 0 ? { posts } : {}),
      };
    },
  });
  const own = waiting.filter((item) => item.project === project);
  return { account: plan.account, ceilingMicroUsd, items: own.map(({ number }) => number) };
}

/** @throws MeshwrightError `raise_not_allowed`. Empty `raiseBy`: everybody may. */
export function requireRaiser(raiseBy: readonly string[], person: string): void {
  if (mayRaise(raiseBy, person)) return;
  const who = raiseBy.map((handle) => `@${handle}`).join(' or ');
  throw new MeshwrightError('raise_not_allowed', `${person} may not raise a ceiling; ${who} may`, {
    hint: 'Ask them, or have `raise_by` changed.',
  });
}

function planOf({ project, store, given, what, window, nowMs }: RaiseRequest): AccountPlan {
  const cluster = what.kind === 'cluster' ? what.name : '';
  const plan = wideAccounts({ project, store, cluster }, given, nowMs).find(({ account }) => {
    const parsed = parseAccount(account);
    return parsed?.kind === what.kind && parsed.window === window;
  });
  if (!plan) throw new Error(`no account of a ${what.kind} for a ${window}`);
  return plan;
}

async function requireAbove(
  journal: Journal,
  { account, ceilingMicroUsd: policyMicroUsd }: AccountPlan,
  wanted: { raises: Raises; ceilingMicroUsd: number },
): Promise<void> {
  const row = await journal.account(account);
  const ceiling = row ? row.ceilingMicroUsd : ceilingUnder(policyMicroUsd, wanted.raises.get(account));
  if (ceiling === null) {
    throw new MeshwrightError('request_refused', `${account} has no ceiling, so there is nothing to raise`);
  }
  const floor = Math.max(ceiling, row?.spentMicroUsd ?? 0);
  if (wanted.ceilingMicroUsd > floor) return;
  throw new MeshwrightError(
    'request_refused',
    `a ceiling of ${formatUsd(wanted.ceilingMicroUsd)} for ${account} is not above what it has now (${formatUsd(floor)})`,
  );
}

interface WaitingItem {
  project: string;
  number: number;
}

async function findWaiting(
  journal: Journal,
  projects: readonly string[],
  account: string,
): Promise<WaitingItem[]> {
  const found: WaitingItem[] = [];
  for (const project of projects) {
    const { items } = await viewItems(journal, project);
    for (const { status, pause, number } of items) {
      if (status === 'paused' && pause?.account === account) found.push({ project, number });
    }
  }
  return found;
}

function resumePost({ project, number }: WaitingItem, by: string, id: string): InboxPost {
  const request = { kind: 'resume', by, ceilingMicroUsd: null };
  return {
    stream: itemStream(project, number),
    id: `request/${id}`,
    kind: 'item.request',
    actor: `person:${by}`,
    data: request satisfies JsonObject,
  };
}
