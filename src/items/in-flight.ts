/**
 * Which effects should be running: those whose intent is recorded and whose result is not. The answer depends on the
 * folded state alone, so after a crash the same list comes out again; a paused item has none, and has them again
 * when it is resumed. A step that waits for a person is none, the others of its item go on.
 */
import type { Finding } from '../artifacts/finding.ts';
import { MeshwrightError } from '../base/errors.ts';
import type { Flow, Gate, Phase, Step } from '../teams/team.ts';
import type { StepFailure, StepKey } from './item-event.ts';
import type { ItemState, StepRun } from './item-state.ts';
import { getPhase, stepsOf } from './lay-out-phase.ts';

export type ItemEffect =
  | {
      effect: 'runStep';
      step: StepKey;
      role: string;
      /** Id of the plan's task; null outside plans and in rework. */
      task: string | null;
      attempt: number;
      round: number;
      /** The agent's stream. */
      agent: string;
      /** Commit that its workspace starts from. */
      base: string;
      stepDefinition: Step;
      /** What to put right: the send-back's, then those of the last failed attempt. */
      findings: Finding[];
    }
  | { effect: 'judgeGate'; phase: string; round: number; gate: number; definition: Gate; commit: string }
  | { effect: 'land'; commit: string; target: string };

/** @throws MeshwrightError `item_flow_mismatch` when the flow is not the one that the item was started under. */
export function inFlight(state: ItemState, flow: Flow): ItemEffect[] {
  if (state.status === 'landing') {
    return [{ effect: 'land', commit: state.readyCommit ?? '', target: state.target ?? '' }];
  }
  if (state.status !== 'running' || state.handedBack || state.isParked) return [];
  const steps = state.phase?.steps ?? {};
  return begun(state, flow).filter((effect) => effect.effect !== 'runStep' || !steps[effect.step]?.waiting);
}

/** The steps and gates that were begun and have no result, whether they may go on now or not. @throws like inFlight. */
export function begun(state: ItemState, flow: Flow): ItemEffect[] {
  const run = state.phase;
  if (!run) return [];
  const phase = getPhase(flow, run.name);
  const effects: ItemEffect[] = [];
  for (const [key, step] of Object.entries(run.steps)) {
    if (step.status !== 'running') continue;
    effects.push({
      effect: 'runStep',
      step: key,
      role: step.role,
      task: step.task,
      attempt: step.attempt,
      round: run.round,
      agent: step.agent,
      base: step.base,
      stepDefinition: getStep(flow, phase, key),
      findings: [...run.findings, ...run.notes, ...findingsOfFailure(step)],
    });
  }
  for (const gate of run.gates) {
    if (gate.status !== 'running') continue;
    const definition = phase.gates[gate.gate];
    if (!definition) throw mismatch(flow, `gate ${gate.gate} of phase ${phase.name}`);
    const { commit } = gate;
    effects.push({
      effect: 'judgeGate',
      phase: phase.name,
      round: run.round,
      gate: gate.gate,
      definition,
      commit,
    });
  }
  return effects;
}

/** Failures that say something about the agent's work; the others leave nothing to put right. */
const tellingFailures: readonly StepFailure[] = [
  'turn_limit',
  'repetition',
  'command_failed',
  'timed_out',
  'artifact_missing',
  'merge_conflict',
  'out_of_scope',
  'must_ask',
];

function findingsOfFailure({ failure }: StepRun): readonly Finding[] {
  if (!failure) return [];
  if (failure.findings.length > 0 || !tellingFailures.includes(failure.reason)) return failure.findings;
  return [
    { source: `step:${failure.reason}`, message: failure.message, file: null, line: null, output: null },
  ];
}

function getStep(flow: Flow, phase: Phase, key: StepKey): Step {
  const name = key.slice(key.lastIndexOf('/') + 1);
  const step = stepsOf(phase).find((candidate) => candidate.name === name);
  if (!step) throw mismatch(flow, `step ${key}`);
  return step;
}

function mismatch(flow: Flow, what: string): MeshwrightError {
  return new MeshwrightError('item_flow_mismatch', `flow ${flow.name} has no ${what}`, {
    hint: 'The item was started under another flow; the flow that it pins must be used.',
  });
}
