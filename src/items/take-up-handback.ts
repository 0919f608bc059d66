/**
 * Where an item goes on when a person has handed it back. A person's commit is never taken for done: the phase that runs the
 * project's checks judges it, and everything after that phase follows as for any other change.
 */
import type { Plan } from '../artifacts/plan.ts';
import type { Flow, Phase, Step } from '../teams/team.ts';
import { passOnRefusal } from './find-way-back.ts';
import type { ItemEvent, StepKey } from './item-event.ts';
import type { ItemState, PhaseRun } from './item-state.ts';
import { getPhase, isSlotDone, isSlotSkipped, layOutPhase, type Slot } from './lay-out-phase.ts';

/** With a commit: its phase is reopened. With a note alone (it was ready): it is sent back, the note is the finding. */
export function takeUpHandback(state: ItemState, flow: Flow, plan: Plan | null, run: PhaseRun): ItemEvent {
  if (!state.handedBack?.hasCommit) return passOnRefusal(state, flow, state.handedBack?.notes ?? []);
  const phase = findJudgingPhase(flow, getPhase(flow, run.name));
  const round = (state.rounds[phase.name] ?? 0) + 1;
  const answered = findAnswered(state, { flow, phase, plan, run, round });
  return { kind: 'phase.reopened', data: { phase: phase.name, round, answered } };
}

/**
 * The current phase while checks are still to come, else the last one before it that has some: what a person wrote is checked
 * as what an agent wrote. Where the flow has no checks at all, the same with whatever gates it has.
 */
function findJudgingPhase(flow: Flow, current: Phase): Phase {
  const at = flow.phases.indexOf(current);
  const hasChecks = (phase: Phase) => phase.gates.some((gate) => gate.kind === 'commands');
  const hasGates = (phase: Phase) => phase.gates.length > 0;
  for (const judges of [hasChecks, hasGates]) {
    if (flow.phases.slice(at).some(judges)) return current;
    const earlier = flow.phases.slice(0, at).findLast(judges);
    if (earlier) return earlier;
  }
  return current;
}

interface Reopening {
  flow: Flow;
  phase: Phase;
  plan: Plan | null;
  run: PhaseRun;
  round: number;
}

/** In the keys of the new round: the lanes of a phase are the same in every round, only their names may change. */
function findAnswered(state: ItemState, reopening: Reopening): StepKey[] {
  const { flow, phase, plan, run, round } = reopening;
  const isSame = run.name === phase.name;
  const fresh: PhaseRun = { ...run, name: phase.name, round, findings: isSame ? run.findings : [] };
  const before = isSame ? layOutPhase(phase, run, plan) : null;
  const slots = (layOutPhase(phase, fresh, plan) ?? []).flatMap((lane, laneAt) =>
    lane.slots.map((slot, slotAt) => ({ slot, old: before?.[laneAt]?.slots[slotAt] })),
  );
  return slots
    .filter(({ slot, old }) => isAnswered(state, { slot, old: old ? { slot: old, run } : null, flow, phase }))
    .map(({ slot }) => slot.key);
}

/**
 * By a commit: the steps that were to make one, tried or done, unless they still owe an artifact. What had not begun does begin.
 * Who judges (a reviewer, or whoever leaves nothing behind) judges again what is there now; task by task within a plan
 * only what was not judged yet. Who prepared something stays done.
 */
function isAnswered(
  state: ItemState,
  {
    slot,
    old,
    flow,
    phase,
  }: { slot: Slot; old: { slot: Slot; run: PhaseRun } | null; flow: Flow; phase: Phase },
): boolean {
  const { step } = slot;
  const isDone = old === null || isSlotDone(state, old.run, old.slot);
  if (old && isSlotSkipped(state, old.run, old.slot)) return true;
  if (step.commits) {
    const isTried = isDone || old?.run.steps[old.slot.key] !== undefined;
    return isTried && step.writes.every((name) => state.artifacts[name] !== undefined);
  }
  return isDone && (phase.body.kind === 'each' || !isJudge(flow, step));
}

function isJudge(flow: Flow, step: Step): boolean {
  if (step.writes.length === 0) return true;
  const gates = flow.phases.flatMap((phase) => phase.gates);
  return gates.some((gate) => gate.kind === 'verdict' && step.writes.includes(gate.artifact));
}
