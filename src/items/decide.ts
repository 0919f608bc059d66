/**
 * Decides what an item's flow does next, as events: decisions and intents of effects. Pure; what effects and persons
 * do is recorded by others. The rules in the order in which they apply, in a running item:
 *
 *   on its way back        → the phase that it goes back to is entered, with the findings
 *   handed back            → judged where its checks are, or sent back with the note (take-up-handback.ts)
 *   landing refused        → sent back (find-way-back.ts)
 *   no phase yet           → the first is entered
 *   a step ended at a ceiling → paused at once (earlier versions; now the worker pauses and the agent keeps its seat)
 *   a step's breaker is open → nothing new starts; paused when the others have ended
 *   steps can start        → started: plan order, at most `seats` of a role at once; failed ones again
 *   steps run              → nothing; parked when all that run wait for people who may take their time
 *   the plan is missing, or its tasks wait for each other → sent back to who writes it
 *   a decision was overturned → sent back with the ruling
 *   gates                  → one after the other on the branch head; the first failure sends back
 *   all passed             → next phase, or ready; paused when nothing was changed
 */
import { formatUsd } from '../base/money.ts';
import { type StreamId, streamId } from '../journal/event.ts';
import type { Flow, Phase } from '../teams/team.ts';
import { advance } from './advance.ts';
import { findWaits, mayPark } from './find-waits.ts';
import {
  failPhase,
  failPlan,
  passOnRefusal,
  sendBackOverturned,
  sendBackUnchanged,
} from './find-way-back.ts';
import type { ItemEvent } from './item-event.ts';
import type { ItemFacts, ItemState, PhaseRun, StepRun } from './item-state.ts';
import { findNextSlots, getPhase, isLaneDone, layOutPhase, type Slot } from './lay-out-phase.ts';
import { takeUpHandback } from './take-up-handback.ts';

/**
 * How often in a row one step may be interrupted (its worker stopped or died) before that counts as a reason to ask a
 * person. An interruption is not the agent's failure, so it uses no attempt; but a step that kills every worker
 * that runs it must not go round for ever.
 */
export const interruptionLimit = 5;

/**
 * Everything that can be recorded now without waiting for an effect, in order; empty when the item waits for effects or
 * persons, or is over. The same state gives the same answer; after folding the answer, the next one is empty.
 */
export function decide(state: ItemState, flow: Flow, facts: ItemFacts): ItemEvent[] {
  const decided: ItemEvent[] = [];
  let current = state;
  for (;;) {
    const events = decideOnce(current, flow, facts);
    if (events.length === 0) return decided;
    for (const event of events) current = advance(current, event);
    decided.push(...events);
  }
}

function decideOnce(state: ItemState, flow: Flow, facts: ItemFacts): ItemEvent[] {
  if (state.status !== 'running' || state.isParked) return [];
  if (state.returnTo) return [enter(state, getPhase(flow, state.returnTo.phase), state.returnTo.findings)];
  if (state.handedBack && state.phase) return [takeUpHandback(state, flow, facts.plan, state.phase)];
  if (state.refusal) return [passOnRefusal(state, flow, state.refusal.findings)];
  if (!state.phase) {
    const first = flow.phases[0];
    return first ? [enter(state, first, [])] : [];
  }
  return decidePhase(state, flow, facts, state.phase);
}

function decidePhase(state: ItemState, flow: Flow, facts: ItemFacts, run: PhaseRun): ItemEvent[] {
  const phase = getPhase(flow, run.name);
  const held = findHeldStep(run);
  if (held) return [pauseForCeiling(held)];

  const isAnyRunning = Object.values(run.steps).some((step) => step.status === 'running');
  const open = Object.entries(run.steps).filter(([, step]) => isBreakerOpen(step, facts));
  if (open.length > 0) return isAnyRunning ? [] : [pauseForBreakers(phase, open)];

  const lanes = layOutPhase(phase, run, facts.plan);
  if (!lanes) return [failPlan(state, flow, phase, 'there is no plan to work on')];
  const starts = startSteps(state, facts, run, findNextSlots(state, run, lanes));
  if (starts.length === 0 && mayPark(state)) return [park(state)];
  if (starts.length > 0 || isAnyRunning) return starts;
  if (!lanes.every((lane) => isLaneDone(state, run, lane))) {
    return [failPlan(state, flow, phase, 'the remaining tasks of the plan wait for each other')];
  }
  return decideGates(state, flow, phase, run);
}

function park(state: ItemState): ItemEvent {
  return { kind: 'item.parked', data: { asks: findWaits(state).map(({ ask }) => ask) } };
}

function startSteps(state: ItemState, facts: ItemFacts, run: PhaseRun, slots: readonly Slot[]): ItemEvent[] {
  const seated = new Map<string, number>();
  for (const step of Object.values(run.steps)) {
    if (step.status === 'running') seated.set(step.role, (seated.get(step.role) ?? 0) + 1);
  }
  const events: ItemEvent[] = [];
  for (const slot of slots) {
    const { role } = slot.step;
    const taken = seated.get(role) ?? 0;
    const isRunning = run.steps[slot.key]?.status === 'running';
    if (isRunning || taken >= Math.max(1, facts.seats[role] ?? 1)) continue;
    seated.set(role, taken + 1);
    events.push(startStep(state, facts, run, slot));
  }
  return events;
}

function startStep(state: ItemState, facts: ItemFacts, run: PhaseRun, slot: Slot): ItemEvent {
  const attempt = (run.steps[slot.key]?.attempt ?? 0) + 1;
  const agent: StreamId = streamId('agent', facts.project, state.number, slot.key, run.round, attempt);
  return {
    kind: 'step.started',
    data: {
      step: slot.key,
      role: slot.step.role,
      task: slot.task,
      attempt,
      agent,
      base: state.head ?? '',
    },
  };
}

function decideGates(state: ItemState, flow: Flow, phase: Phase, run: PhaseRun): ItemEvent[] {
  const last = run.gates.at(-1);
  if (last?.status === 'running') return [];
  if (state.overturned.length > 0) return [sendBackOverturned(state, flow, phase)];
  if (last?.status === 'failed') return [failPhase(state, phase, last)];
  if (run.gates.length < phase.gates.length) {
    const gate = run.gates.length;
    return [
      {
        kind: 'gate.started',
        data: { phase: phase.name, round: run.round, gate, commit: state.head ?? '' },
      },
    ];
  }
  const next = flow.phases[flow.phases.indexOf(phase) + 1];
  if (!phase.submits && next) return [enter(state, next, [])];
  if (state.head === state.base) return [sendBackUnchanged(state, flow, phase)];
  return [{ kind: 'item.ready', data: { commit: state.head ?? '' } }];
}

function enter(state: ItemState, phase: Phase, findings: PhaseRun['findings']): ItemEvent {
  const round = (state.rounds[phase.name] ?? 0) + 1;
  return { kind: 'phase.entered', data: { phase: phase.name, round, findings: [...findings] } };
}

/** Resumed after it had opened, a step has one trial. What trying again cannot change opens it at once. */
function isBreakerOpen(step: StepRun, facts: ItemFacts): boolean {
  if (step.status !== 'failed') return false;
  if (step.failure?.reason === 'model_refused' && step.failedCount > 0) return true;
  const allowed = step.isOnTrial ? 1 : Math.max(1, facts.breaker);
  return step.failedCount >= allowed || step.interruptedCount >= interruptionLimit;
}

function findHeldStep(run: PhaseRun): [string, StepRun] | undefined {
  return Object.entries(run.steps).find(([, step]) => step.isHeld);
}

function pauseForCeiling([key, step]: [string, StepRun]): ItemEvent {
  return {
    kind: 'item.paused',
    data: {
      reason: 'ceiling',
      message: `${key} stopped at a ceiling: ${step.failure?.message ?? 'no money left'}`,
      ask: 'engineering_lead',
      account: null,
      until: null,
    },
  };
}

function pauseForBreakers(phase: Phase, open: readonly [string, StepRun][]): ItemEvent {
  return {
    kind: 'item.paused',
    data: {
      reason: 'breaker',
      message: open.map(([key, step]) => describeBreaker(key, step)).join('; '),
      ask: phase.onFail.thenAsk,
      account: null,
      until: null,
      steps: open.map(([key]) => key),
    },
  };
}

function describeBreaker(key: string, step: StepRun): string {
  const { failedCount, interruptedCount, failedCostMicroUsd, isOnTrial, failure } = step;
  const times = failedCount === 1 ? 'once' : `${failedCount} times in a row`;
  const why =
    interruptedCount >= interruptionLimit
      ? `was interrupted ${interruptedCount} times`
      : `failed ${isOnTrial ? 'its trial' : times} (${formatUsd(failedCostMicroUsd)})`;
  return `the breaker of ${key} is open: it ${why}, last: ${failure?.message ?? 'no reason given'}`;
}
