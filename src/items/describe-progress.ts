/** How far an item is in its flow, phase by phase, for views. Says what is; decides nothing. */
import type { Plan } from '../artifacts/plan.ts';
import type { Flow, Gate, Phase } from '../teams/team.ts';
import type { ItemFacts, ItemState, PhaseRun } from './item-state.ts';
import { isSlotSkipped, layOutPhase, type Slot } from './lay-out-phase.ts';

export interface PhaseProgress {
  name: string;
  status: 'done' | 'running' | 'todo';
  /** How often it was entered. */
  round: number;
  steps: StepProgress[];
  gates: GateProgress[];
}

export interface StepProgress {
  key: string;
  name: string;
  role: string;
  /** Id and title of the plan's task. */
  task: { id: string; title: string } | null;
  /** `skipped`: the person handed in what it would have written. */
  status: 'done' | 'running' | 'failed' | 'todo' | 'skipped';
  /** 0 before the first start. */
  attempt: number;
  /** Of the last failed attempt, also while the next one runs. */
  failure: string | null;
}

export interface GateProgress {
  /** E.g. `plan.json is a plan`, `checks`, `verdict.json`. */
  label: string;
  status: 'passed' | 'failed' | 'running' | 'todo';
  summary: string | null;
}

/**
 * All phases of the flow. Of phases before the current one the state keeps no steps: they are shown as done. Steps
 * of an `each` phase are known when there is a plan.
 */
export function describeProgress(
  state: ItemState,
  flow: Flow,
  facts: Pick<ItemFacts, 'plan'>,
): PhaseProgress[] {
  const isThrough = state.status === 'ready' || state.status === 'landing' || state.status === 'landed';
  const current = isThrough
    ? flow.phases.length
    : flow.phases.findIndex((phase) => phase.name === state.phase?.name);
  return flow.phases.map((phase, index) => {
    const round = state.rounds[phase.name] ?? 0;
    const isCurrent = index === current;
    const status = isCurrent ? 'running' : index < current ? 'done' : 'todo';
    const run = isCurrent ? state.phase : null;
    const shown: PhaseRun = run ?? {
      name: phase.name,
      round: Math.max(1, round),
      findings: [],
      steps: {},
      gates: [],
    };
    const context: SlotContext = { state, run: shown, plan: facts.plan, phaseStatus: status };
    return {
      name: phase.name,
      status,
      round,
      steps: layOut(phase, shown, facts).map((slot) => describeSlot(slot, context)),
      gates: phase.gates.map((gate, gateIndex): GateProgress => {
        const gateRun = shown.gates[gateIndex];
        return {
          label: describeGate(gate),
          status: gateRun?.status ?? (status === 'done' ? 'passed' : 'todo'),
          summary: gateRun?.summary ?? null,
        };
      }),
    };
  });
}

function layOut(phase: Phase, run: PhaseRun, facts: Pick<ItemFacts, 'plan'>): Slot[] {
  return (layOutPhase(phase, run, facts.plan) ?? []).flatMap((lane) => lane.slots);
}

interface SlotContext {
  state: ItemState;
  run: PhaseRun;
  plan: Plan | null;
  phaseStatus: PhaseProgress['status'];
}

function describeSlot(slot: Slot, { state, run, plan, phaseStatus }: SlotContext): StepProgress {
  const step = run.steps[slot.key];
  const task = plan?.tasks.find((candidate) => candidate.id === slot.task);
  const unstarted = phaseStatus === 'done' ? 'done' : 'todo';
  return {
    key: slot.key,
    name: slot.step.name,
    role: slot.step.role,
    task: task ? { id: task.id, title: task.title } : null,
    status: step?.status ?? (isSlotSkipped(state, run, slot) ? 'skipped' : unstarted),
    attempt: step?.attempt ?? 0,
    failure: step?.failure?.message ?? null,
  };
}

/** What the gate asks for, in a few words. */
export function describeGate(gate: Gate): string {
  switch (gate.kind) {
    case 'artifact':
      return gate.schema ? `${gate.artifact} is a ${gate.schema}` : `${gate.artifact} exists`;
    case 'commands':
      return gate.checks ? `checks ${gate.checks.join(', ')}` : 'checks';
    case 'verdict':
      return gate.artifact;
  }
}
