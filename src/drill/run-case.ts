/**
 * One case of a drill: agents spend down one way against one low ceiling, in a real worker with the real ledger; afterwards the
 * accounts say how far it went. The model only pretends, its prices are real.
 */
import type { MicroUsd } from '../base/money.ts';
import type { ModelProvider } from '../gateway/model.ts';
import { createScriptedProviderFromBrain } from '../gateway/scripted/scripted-provider.ts';
import type { StoredEvent } from '../journal/event.ts';
import type { Journal } from '../journal/journal.ts';
import { type AccountRow, sharedProject } from '../journal/unit.ts';
import { replayItem } from '../replay/replay-item.ts';
import { addItem } from '../requests/add-item.ts';
import { findForkPoint, forkItemAt } from '../requests/fork-item.ts';
import { runWorker } from '../worker/worker.ts';
import type { WorkerContext } from '../worker/worker-context.ts';
import { type CeilingKind, overshootOf } from './ceiling-kind.ts';
import { planOf, spendingStep } from './drill-project.ts';
import type { SpendPath } from './spend-path.ts';

export interface CaseRow {
  path: string;
  ceiling: string;
  ceilingMicroUsd: number;
  /** Of the account of that kind that spent the most. */
  spentMicroUsd: number;
  overshootMicroUsd: number;
  modelCalls: number;
  refusedCalls: number;
  /** What the replay cost, which is to be nothing; null: nothing was replayed. */
  replayMicroUsd: number | null;
  /** Why the last item paused. */
  stoppedBy: string;
  /** A call was refused, and no account of that kind ever went over. */
  isHeld: boolean;
}

export interface CaseBench {
  /** A project of its own, with this policy; `provider` is its model. */
  open(provider: ModelProvider): Promise<WorkerContext>;
  /** For what must not call a model. */
  openReplay(): Promise<WorkerContext>;
  signal: AbortSignal;
}

export async function runCase(
  path: SpendPath,
  kind: CeilingKind,
  ceilingMicroUsd: MicroUsd,
  bench: CaseBench,
): Promise<CaseRow> {
  const context = await bench.open(pretend(path));
  const { journal, project } = context;
  const after = await journal.head();
  const before = await accountsOf(journal, project);
  const numbers = await addItems(context, path);
  const run = () => runWorker(context, { untilIdle: true, signal: bench.signal });
  await run();
  if (path.afterwards === 'fork') {
    for (const from of numbers) await fork(context, from);
    await run();
  }
  const replayMicroUsd = path.afterwards === 'replay' ? await replayAll(context, numbers, bench) : null;
  bench.signal.throwIfAborted();
  const accounts = await accountsOf(journal, project);
  const events = await eventsSince(journal, project, after);
  const count = (kindOfEvent: string) => events.filter((event) => event.kind === kindOfEvent).length;
  const overshootMicroUsd = overshootOf(accounts, kind);
  const refusedCalls = count('model.call_refused');
  return {
    path: path.name,
    ceiling: kind.name,
    ceilingMicroUsd,
    spentMicroUsd: mostSpent(accounts, before, kind),
    overshootMicroUsd,
    modelCalls: count('model.call_intended'),
    refusedCalls,
    replayMicroUsd,
    stoppedBy: String(events.findLast((event) => event.kind === 'item.paused')?.data.message ?? ''),
    isHeld: overshootMicroUsd === 0 && refusedCalls > 0 && (replayMicroUsd ?? 0) === 0,
  };
}

/** Counts over all agents of the case, so that no two answers are the same. */
function pretend(path: SpendPath): ModelProvider {
  let count = 0;
  return createScriptedProviderFromBrain((request) => path.answer(request, ++count));
}

async function addItems(context: WorkerContext, path: SpendPath): Promise<number[]> {
  const numbers: number[] = [];
  const { journal, project, newId } = context;
  for (let index = 1; index <= path.items; index += 1) {
    const brief = { title: `Spend ${index}`, text: 'Spend.', criteria: [], priority: 0, tags: [] };
    numbers.push(
      await addItem({
        journal,
        newId,
        project,
        brief: { ...brief, flow: null, ceilingMicroUsd: null },
        plan: JSON.stringify(planOf(path.tasks)),
        by: 'person:drill',
      }),
    );
  }
  return numbers;
}

async function fork(context: WorkerContext, from: number): Promise<void> {
  const { journal, project, newId } = context;
  const at = await findForkPoint(journal, project, { from, at: spendingStep });
  await forkItemAt({
    journal,
    newId,
    project,
    from,
    at,
    team: null,
    ceilingMicroUsd: null,
    by: 'person:drill',
  });
}

async function replayAll(context: WorkerContext, numbers: number[], bench: CaseBench): Promise<number> {
  const { journal, project } = context;
  const spent = async () => {
    const accounts = await accountsOf(journal, project);
    return accounts.reduce((sum, row) => sum + row.spentMicroUsd + row.reservedMicroUsd, 0);
  };
  const before = await spent();
  const replay = await bench.openReplay();
  for (const item of numbers) {
    await replayItem(replay, { item, agent: null, isCurrent: false, runsTools: false, signal: bench.signal });
  }
  return (await spent()) - before;
}

/** What all projects share has been spent from before. */
function mostSpent(accounts: AccountRow[], before: AccountRow[], kind: CeilingKind): number {
  const spentBefore = new Map(before.map((row) => [row.account, row.spentMicroUsd]));
  const bounded = accounts.filter(({ account }) => kind.bounds(account));
  return Math.max(0, ...bounded.map((row) => row.spentMicroUsd - (spentBefore.get(row.account) ?? 0)));
}

/** Those of the machine among them. */
async function accountsOf(journal: Journal, project: string): Promise<AccountRow[]> {
  return [...(await journal.accounts(project)), ...(await journal.accounts(sharedProject))];
}

async function eventsSince(journal: Journal, project: string, after: number): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  for (let from = after; ; ) {
    const page = await journal.readAll({ after: from, limit: 5_000, project });
    events.push(...page);
    const last = page.at(-1);
    if (!last) return events;
    from = last.position;
  }
}
