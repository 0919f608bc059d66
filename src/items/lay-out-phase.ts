/**
 * Lays a phase out in lanes: chains of steps where each waits for the one before, and a lane waits for other lanes.
 * Sequence, parallel, plan tasks and rework differ only in their lanes. Knows nothing of attempts or seats.
 */
import { MeshwrightError } from '../base/errors.ts';
import type { Flow, Phase, Step } from '../teams/team.ts';
import type { StepKey } from './item-event.ts';
import type { ItemFacts, ItemState, PhaseRun } from './item-state.ts';

export interface Lane {
  /** Task id, `rework-<round>`, or the phase's or step's own name. */
  id: string;
  /** Ids of lanes that must be done first. */
  after: readonly string[];
  slots: readonly Slot[];
}

export interface Slot {
  key: StepKey;
  step: Step;
  /** Id of the plan's task that it works on. */
  task: string | null;
}

/**
 * The lanes of the current phase in the order in which they start; null when the phase works on a plan and there
 * is none. Entered with findings, an `each` phase has one lane that puts them right instead of one per task.
 */
export function layOutPhase(phase: Phase, run: PhaseRun, plan: ItemFacts['plan']): Lane[] | null {
  const { body } = phase;
  const chain = (lane: string, steps: readonly Step[], task: string | null): Slot[] =>
    steps.map((step) => ({ key: `${lane}/${step.name}`, step, task }));
  switch (body.kind) {
    case 'none':
      return [];
    case 'sequence':
      return [{ id: phase.name, after: [], slots: chain(phase.name, body.steps, null) }];
    case 'parallel':
      return body.steps.map((step) => ({ id: step.name, after: [], slots: chain(phase.name, [step], null) }));
    case 'each': {
      if (run.findings.length > 0) {
        const id = `rework-${run.round}`;
        return [{ id, after: [], slots: chain(`${phase.name}/${id}`, body.steps, null) }];
      }
      if (!plan) return null;
      return plan.tasks.map((task) => ({
        id: task.id,
        after: task.after,
        slots: chain(`${phase.name}/${task.id}`, body.steps, task.id),
      }));
    }
  }
}

/** Done, answered by a person's commit, or never needed: in round 1 a step whose artifacts the person already handed in is skipped. */
export function isSlotDone(state: ItemState, run: PhaseRun, slot: Slot): boolean {
  const isDone = run.steps[slot.key]?.status === 'done' || run.answered.includes(slot.key);
  return isDone || isSlotSkipped(state, run, slot);
}

export function isSlotSkipped(state: ItemState, run: PhaseRun, slot: Slot): boolean {
  const { writes } = slot.step;
  return run.round === 1 && writes.length > 0 && writes.every((name) => state.provided.includes(name));
}

export function isLaneDone(state: ItemState, run: PhaseRun, lane: Lane): boolean {
  return lane.slots.every((slot) => isSlotDone(state, run, slot));
}

/** Per open lane its first slot that is not done. A lane is open when all lanes that it comes after are done. */
export function findNextSlots(state: ItemState, run: PhaseRun, lanes: readonly Lane[]): Slot[] {
  const done = new Set(lanes.filter((lane) => isLaneDone(state, run, lane)).map((lane) => lane.id));
  return lanes
    .filter((lane) => !done.has(lane.id) && lane.after.every((id) => done.has(id)))
    .flatMap((lane) => lane.slots.find((slot) => !isSlotDone(state, run, slot)) ?? []);
}

export function stepsOf(phase: Phase): readonly Step[] {
  return phase.body.kind === 'none' ? [] : phase.body.steps;
}

/** @throws MeshwrightError `item_flow_mismatch` when the item's flow has no such phase. */
export function getPhase(flow: Flow, name: string): Phase {
  const phase = flow.phases.find((candidate) => candidate.name === name);
  if (!phase) {
    throw new MeshwrightError('item_flow_mismatch', `flow ${flow.name} has no phase ${name}`, {
      hint: 'The item was started under another flow; the flow that it pins must be used.',
    });
  }
  return phase;
}
