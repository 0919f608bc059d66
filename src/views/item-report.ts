/** Everything about one item for `show`: its phases, steps, gates, artifacts, commits and money. */
import type { Finding } from '../artifacts/finding.ts';
import type { ItemEvent } from '../items/item-event.ts';
import type { ItemState } from '../items/item-state.ts';
import { readItemEvent } from '../items/item-stream.ts';
import type { Journal } from '../journal/journal.ts';
import type { AccountRow } from '../journal/unit.ts';
import { itemAccount } from '../ledger/account-names.ts';
import { viewItem } from './item-view.ts';

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
}

export async function reportItem(journal: Journal, project: string, number: number): Promise<ItemReport> {
  const { state, events } = await viewItem(journal, project, number);
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
  return { state, steps, gates, account: (await journal.account(itemAccount(project, number))) ?? null };
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
