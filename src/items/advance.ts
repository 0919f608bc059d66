/**
 * Folds an item's events into its state. Knows nothing of flows: which step or phase is next is decided in decide.ts,
 * here only what each fact changes.
 *
 *   queued  ─item.started→ running ⇄ paused          (item.paused, item.resumed; a queued item can be held too)
 *   running ─item.ready→ ready ─item.accepted→ landing ─item.landed→ landed
 *   landing ─item.landing_refused→ ready (target_busy) | running (conflict, red, overturned meanwhile: it is sent back)
 *   running, paused, ready ─item.taken_over→ taken_over ─item.handed_back→ what it was | running (apply-takeover.ts)
 *   ready   ─item.rejected→ rejected;   queued, running, paused, taken_over, ready ─item.canceled→ canceled
 */
import { MeshwrightError } from '../base/errors.ts';
import { applyHandedBack, applyReopened, applyTakenOver, withEveryStep } from './apply-takeover.ts';
import { applyWait } from './apply-wait.ts';
import { findMisplacement } from './find-misplacement.ts';
import type { ItemEvent, PauseReason, StepKey } from './item-event.ts';
import type { GateRun, ItemState, PhaseRun, StepRun } from './item-state.ts';

/** An item of which nothing is known yet. */
export const initialItem: ItemState = {
  number: 0,
  fork: null,
  title: '',
  brief: '',
  criteria: [],
  priority: 0,
  tags: [],
  flowName: null,
  ceilingMicroUsd: null,
  status: 'queued',
  cluster: null,
  team: null,
  base: null,
  branch: null,
  target: null,
  head: null,
  phase: null,
  sentBack: {},
  rounds: {},
  artifacts: {},
  pause: null,
  isParked: false,
  overturned: [],
  raised: {},
  takeover: null,
  handedBack: null,
  readyCommit: null,
  acceptedBy: null,
  provided: [],
  returnTo: null,
  refusal: null,
  allowances: 0,
  landedCommit: null,
  costMicroUsd: 0,
  eventCount: 0,
};

/** The name under which a plan that the person wrote is known to the steps. */
const planArtifact = 'plan.json';

/** @throws MeshwrightError `item_event_out_of_place` when the event cannot follow the state (see find-misplacement.ts). */
export function advance(state: ItemState, event: ItemEvent): ItemState {
  const problem = findMisplacement(state, event);
  if (problem !== null) {
    throw new MeshwrightError(
      'item_event_out_of_place',
      `item ${state.number} (${state.status}, ${state.eventCount} events) cannot take ${describeEvent(event)}: ${problem}`,
      { hint: 'The stream of this item is damaged or was written by another version; nothing was changed.' },
    );
  }
  return { ...apply(state, event), eventCount: state.eventCount + 1 };
}

export function reduceItem(events: Iterable<ItemEvent>): ItemState {
  let state = initialItem;
  for (const event of events) state = advance(state, event);
  return state;
}

function apply(state: ItemState, event: ItemEvent): ItemState {
  switch (event.kind) {
    case 'item.added':
      return applyAdded(state, event.data);
    case 'item.forked':
      return { ...state, fork: event.data };
    case 'item.routed':
      return { ...state, cluster: event.data.cluster };
    case 'item.started': {
      const { team, flow, base, branch, target } = event.data;
      return { ...state, status: 'running', team, flowName: flow, base, head: base, branch, target };
    }
    case 'phase.entered': {
      const { phase, round, findings } = event.data;
      const notes = state.handedBack?.notes ?? [];
      const run: PhaseRun = { name: phase, round, findings, notes, answered: [], steps: {}, gates: [] };
      const rounds = { ...state.rounds, [phase]: round };
      return { ...state, phase: run, rounds, returnTo: null, handedBack: null };
    }
    case 'phase.reopened':
      return applyReopened(state, event.data);
    case 'step.started':
    case 'step.finished':
    case 'step.failed':
      return applyStep(state, event);
    case 'step.asked':
    case 'step.rerouted':
    case 'step.answered':
    case 'item.parked':
    case 'item.requeued':
    case 'item.overturned':
      return applyWait(state, event);
    case 'gate.started':
    case 'gate.judged':
      return applyGate(state, event);
    case 'item.sent_back': {
      const { from, to, findings } = event.data;
      const sentBack = { ...state.sentBack, [from]: (state.sentBack[from] ?? 0) + 1 };
      const returnTo = { phase: to, findings };
      return { ...state, sentBack, returnTo, refusal: null, handedBack: null, overturned: [] };
    }
    case 'item.paused':
      return {
        ...state,
        status: 'paused',
        pause: event.data,
        isParked: false,
        // The flow has no answer to it but to ask; a person's own pause leaves it for later.
        handedBack: isAnswered(event.data.reason) ? null : state.handedBack,
        overturned: event.data.reason === 'attempts' ? [] : state.overturned,
      };
    case 'item.taken_over':
      return applyTakenOver(state, event.data);
    case 'item.handed_back':
      return applyHandedBack(state, event.data);
    case 'item.resumed':
      return applyResumed(state, event.data);
    case 'item.rejected':
      return { ...state, status: 'rejected' };
    case 'item.canceled':
      return { ...state, status: 'canceled', pause: null, takeover: null, isParked: false };
    case 'item.message_ignored':
      return state;
    default:
      return applyLanding(state, event);
  }
}

function applyAdded(state: ItemState, data: Extract<ItemEvent, { kind: 'item.added' }>['data']): ItemState {
  const { number, title, brief, criteria, priority, tags, flow, ceilingMicroUsd, plan } = data;
  const artifacts: Record<string, string> = plan === null ? {} : { [planArtifact]: plan };
  const provided = Object.keys(artifacts);
  return {
    ...state,
    number,
    title,
    brief,
    criteria,
    priority,
    tags,
    flowName: flow,
    ceilingMicroUsd,
    artifacts,
    provided,
  };
}

type StepEvent = Extract<ItemEvent, { kind: 'step.started' | 'step.finished' | 'step.failed' }>;

function applyStep(state: ItemState, event: StepEvent): ItemState {
  const run = state.phase?.steps[event.data.step];
  if (event.kind === 'step.started') {
    const { step, role, task, attempt, agent, base } = event.data;
    const before = { ...untriedStep, ...run };
    const begun = { role, task, attempt, agent, base, waiting: null, isHeld: false };
    return withStep(state, step, { ...before, ...begun, status: 'running' });
  }
  // findMisplacement has seen the run; this only tells the compiler.
  if (!run) return state;
  const costMicroUsd = state.costMicroUsd + event.data.costMicroUsd;
  if (event.kind === 'step.finished') {
    const { step, artifacts, commit } = event.data;
    return {
      ...withStep(state, step, { ...run, status: 'done', waiting: null }),
      artifacts: { ...state.artifacts, ...artifacts },
      head: commit ?? state.head,
      costMicroUsd,
    };
  }
  const { step, reason, message, findings } = event.data;
  const failed: StepRun = {
    ...run,
    status: 'failed',
    waiting: null,
    failure: { reason, message, findings },
  };
  if (reason === 'ceiling') failed.isHeld = true;
  // A pause interrupts by itself; that says nothing about the step.
  else if (reason === 'interrupted') failed.interruptedCount += state.status === 'paused' ? 0 : 1;
  else {
    failed.failedCount += 1;
    failed.failedCostMicroUsd += event.data.costMicroUsd;
  }
  return { ...withStep(state, step, failed), costMicroUsd };
}

function withStep(state: ItemState, key: string, run: StepRun): ItemState {
  if (!state.phase) return state;
  return { ...state, phase: { ...state.phase, steps: { ...state.phase.steps, [key]: run } } };
}

type GateEvent = Extract<ItemEvent, { kind: 'gate.started' | 'gate.judged' }>;

function applyGate(state: ItemState, event: GateEvent): ItemState {
  if (!state.phase) return state;
  const { gate } = event.data;
  const gates: GateRun[] = [...state.phase.gates];
  const run = gates[gate];
  if (event.kind === 'gate.started') {
    gates.push({ gate, status: 'running', commit: event.data.commit, summary: null, findings: [] });
  } else if (run) {
    const { isPassed, summary, findings } = event.data;
    gates[gate] = { ...run, status: isPassed ? 'passed' : 'failed', summary, findings };
  }
  return { ...state, phase: { ...state.phase, gates } };
}

function applyResumed(
  state: ItemState,
  { account, ceilingMicroUsd }: Extract<ItemEvent, { kind: 'item.resumed' }>['data'],
): ItemState {
  const isOwn = account === null;
  const resumed: ItemState = {
    ...state,
    status: state.base === null ? 'queued' : 'running',
    pause: null,
    ceilingMicroUsd: (isOwn ? ceilingMicroUsd : null) ?? state.ceilingMicroUsd,
    raised:
      isOwn || ceilingMicroUsd === null ? state.raised : { ...state.raised, [account]: ceilingMicroUsd },
  };
  switch (state.pause?.reason) {
    case 'ceiling':
      return withEveryStep(resumed, (run) => ({ ...run, isHeld: false }));
    case 'breaker':
      return (state.pause.steps ?? []).reduce(closeBreaker, resumed);
    case 'attempts':
      return {
        ...withEveryStep(resumed, (run) => ({ ...run, ...untriedCounts })),
        sentBack: {},
        allowances: state.allowances + 1,
      };
    default:
      return resumed;
  }
}

const untriedCounts = { failedCount: 0, interruptedCount: 0, failedCostMicroUsd: 0 };
const untriedStep = { ...untriedCounts, isOnTrial: false, failure: null };

/** The flow has no answer to these but to ask. */
function isAnswered(reason: PauseReason): boolean {
  return reason === 'attempts' || reason === 'breaker';
}

/** Half: the next failure opens it again. Other steps stay as they are. */
function closeBreaker(state: ItemState, step: StepKey): ItemState {
  const run = state.phase?.steps[step];
  return run ? withStep(state, step, { ...run, ...untriedCounts, isOnTrial: true }) : state;
}

type LandingEvent = Extract<
  ItemEvent,
  { kind: 'item.ready' | 'item.accepted' | 'item.landed' | 'item.landing_refused' }
>;

function applyLanding(state: ItemState, event: LandingEvent): ItemState {
  switch (event.kind) {
    case 'item.ready':
      return { ...state, status: 'ready', readyCommit: event.data.commit };
    case 'item.accepted':
      return { ...state, status: 'landing', acceptedBy: event.data.by, refusal: null };
    case 'item.landed':
      return { ...state, status: 'landed', landedCommit: event.data.commit, phase: null };
    case 'item.landing_refused': {
      const { reason, findings, onto } = event.data;
      const refused: ItemState = { ...state, ...onto, acceptedBy: null, refusal: { reason, findings } };
      if (reason !== 'target_busy') return { ...refused, status: 'running', readyCommit: null };
      // Nothing was wrong with it; but a decision that it went by was overturned meanwhile.
      const isOverturned = state.overturned.length > 0;
      return isOverturned
        ? { ...refused, status: 'running', readyCommit: null, refusal: null }
        : { ...refused, status: 'ready' };
    }
  }
}

function describeEvent(event: ItemEvent): string {
  const about =
    'step' in event.data ? ` ${event.data.step}` : 'phase' in event.data ? ` ${event.data.phase}` : '';
  return `${event.kind}${about}`;
}
