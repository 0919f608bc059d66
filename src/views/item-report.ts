/** Everything about one item for `show`: its phases, steps, gates, artifacts, commits and money. */
import type { Finding } from '../artifacts/finding.ts';
import type { Control } from '../controls/control-state.ts';
import { readTapeEvent } from '../gateway/tape-codec.ts';
import type { ItemEvent } from '../items/item-event.ts';
import type { ItemState } from '../items/item-state.ts';
import { readItemEvent } from '../items/item-stream.ts';
import type { StreamId } from '../journal/event.ts';
import type { Journal } from '../journal/journal.ts';
import type { AccountRow } from '../journal/unit.ts';
import { itemAccount } from '../ledger/account-names.ts';
import type { Tier } from '../teams/team.ts';
import { controlOfItem, viewControls } from './control-view.ts';
import { type ItemAsk, type ItemDecision, viewItemAsks } from './item-asks.ts';
import { viewItem } from './item-view.ts';
import { findUnmetered, type UnmeteredAgent } from './unmetered.ts';

export interface StepReport {
  step: string;
  role: string;
  round: number;
  attempt: number;
  agent: string;
  startedAt: string;
  endedAt: string | null;
  outcome: 'running' | 'done' | 'failed';
  summary: string | null;
  commit: string | null;
  costMicroUsd: number;
  /** `none` for a step without a model; null: not seated yet. */
  model: string | null;
  /** What the model stands for and what chose it; null: not recorded. */
  tier: Tier | null;
  why: string | null;
}

export interface GateReport {
  phase: string;
  round: number;
  at: string;
  isPassed: boolean;
  summary: string;
  findings: Finding[];
}

export interface ItemReport {
  state: ItemState;
  steps: StepReport[];
  gates: GateReport[];
  account: AccountRow | null;
  /** The control that keeps it from going on; null: none. */
  control: Control | null;
  /** Outside agents whose spending is in no account. */
  unmetered: UnmeteredAgent[];
  /** What its agents asked people, and what came of it by now. */
  asks: ItemAsk[];
  /** What was decided and its agents went by, or were shown. */
  decisions: ItemDecision[];
}

/** `at`: as it was after that event; what only holds now (account, control, answers) is then left out. */
export async function reportItem(
  journal: Journal,
  project: string,
  number: number,
  at: number | null = null,
): Promise<ItemReport> {
  const { state, events } = await viewItem(journal, project, number, at);
  const steps: StepReport[] = [];
  const gates: GateReport[] = [];
  let round = 1;
  for (const stored of events) {
    const event = readItemEvent(stored);
    if (event.kind === 'phase.entered') round = event.data.round;
    if (event.kind === 'step.started') steps.push(startedStep(event.data, round, stored.at));
    if (event.kind === 'step.finished' || event.kind === 'step.failed') endStep(steps, event, stored.at);
    if (event.kind === 'gate.judged') {
      const { phase, isPassed, summary, findings } = event.data;
      gates.push({
        phase,
        round: event.data.round,
        at: stored.at,
        isPassed,
        summary,
        findings,
      });
    }
  }
  for (const step of steps) Object.assign(step, await readSeat(journal, step.agent as StreamId));
  const unmetered = await findUnmetered(journal, project, number);
  const told = { state, steps, gates, unmetered };
  if (at !== null) return { ...told, account: null, control: null, asks: [], decisions: [] };
  const account = (await journal.account(itemAccount(project, number))) ?? null;
  const control = controlOfItem(await viewControls(journal, project), state);
  return { ...told, account, control, ...(await viewItemAsks(journal, project, events)) };
}

async function readSeat(
  journal: Journal,
  agent: StreamId,
): Promise<Partial<Pick<StepReport, 'model' | 'tier' | 'why'>>> {
  const [first] = await journal.read(agent, { limit: 1 });
  const seated = first ? readTapeEvent(first) : null;
  if (seated?.kind !== 'agent.seated') return {};
  const { model, tier, why } = seated.data;
  return { model, tier, why };
}

function startedStep(
  data: Extract<ItemEvent, { kind: 'step.started' }>['data'],
  round: number,
  startedAt: string,
): StepReport {
  const { step, role, attempt, agent } = data;
  return {
    step,
    role,
    round,
    attempt,
    agent,
    startedAt,
    endedAt: null,
    outcome: 'running',
    summary: null,
    commit: null,
    costMicroUsd: 0,
    model: null,
    tier: null,
    why: null,
  };
}

function endStep(
  steps: StepReport[],
  event: Extract<ItemEvent, { kind: 'step.finished' | 'step.failed' }>,
  at: string,
): void {
  const report = steps.findLast(
    (each) => each.step === event.data.step && each.attempt === event.data.attempt,
  );
  if (!report) return;
  report.endedAt = at;
  report.costMicroUsd = event.data.costMicroUsd;
  if (event.kind === 'step.finished') {
    report.outcome = 'done';
    report.summary = event.data.summary;
    report.commit = event.data.commit;
  } else {
    report.outcome = 'failed';
    report.summary = `${event.data.reason}: ${event.data.message}`;
  }
}
