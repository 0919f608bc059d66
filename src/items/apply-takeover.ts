/**
 * Folds what happens while a person has an item: it is handed out, comes back, and the phase in which it is judged is
 * opened again. Knows nothing of flows: which phase that is, is decided in take-up-handback.ts.
 *
 *   running, paused, ready ─item.taken_over→ taken_over          (nothing runs; the branch is the person's)
 *   taken_over ─item.handed_back, unchanged→ what it was before
 *   taken_over ─item.handed_back, with a commit→ running; the commit is the head and waits to be judged
 *   taken_over ─item.handed_back, with a note→ running; whatever starts is told; what was ready is sent back
 */
import type { Finding } from '../artifacts/finding.ts';
import type { ItemEvent } from './item-event.ts';
import type { ItemState, PhaseRun, StepRun } from './item-state.ts';

type DataOf<Kind extends ItemEvent['kind']> = Extract<ItemEvent, { kind: Kind }>['data'];

export function applyTakenOver(state: ItemState, data: DataOf<'item.taken_over'>): ItemState {
  const { status, pause, readyCommit } = state;
  const takeover = { ...data, before: { status, pause, readyCommit } };
  return { ...state, status: 'taken_over', takeover, pause: null, readyCommit: null, isParked: false };
}

export function applyHandedBack(state: ItemState, data: DataOf<'item.handed_back'>): ItemState {
  const { takeover } = state;
  if (!takeover) return state;
  const { commit } = data;
  // What its being taken over cut short says nothing about the step.
  const back = { ...withEveryStep(state, (run) => ({ ...run, interruptedCount: 0 })), takeover: null };
  const isOverturned = takeover.before.status === 'ready' && state.overturned.length > 0;
  if (commit === null && data.note === null)
    return { ...back, ...takeover.before, ...(isOverturned ? { status: 'running', readyCommit: null } : {}) };
  const notes = data.note === null ? [] : [noteOf(data.by, data.note)];
  const untried = { failedCount: 0, failedCostMicroUsd: 0, isOnTrial: false, isHeld: false };
  const going: ItemState = {
    ...withEveryStep(back, (run) => ({ ...run, ...untried })),
    status: 'running',
    head: commit ?? state.head,
    sentBack: {},
    allowances: state.allowances + 1,
  };
  if (commit !== null || state.handedBack || takeover.before.status === 'ready') {
    return {
      ...going,
      handedBack: {
        hasCommit: commit !== null || state.handedBack?.hasCommit === true,
        notes: [...(state.handedBack?.notes ?? []), ...notes],
      },
      // The person has seen what was found, and this is the answer.
      ...(commit === null ? {} : { refusal: null, returnTo: null }),
    };
  }
  return going.phase
    ? { ...going, phase: { ...going.phase, notes: [...going.phase.notes, ...notes] } }
    : going;
}

export function applyReopened(state: ItemState, data: DataOf<'phase.reopened'>): ItemState {
  const { phase, round, answered } = data;
  const isSame = state.phase?.name === phase;
  const run: PhaseRun = {
    name: phase,
    round,
    findings: isSame ? (state.phase?.findings ?? []) : [],
    notes: [...(isSame ? (state.phase?.notes ?? []) : []), ...(state.handedBack?.notes ?? [])],
    answered,
    steps: {},
    gates: [],
  };
  return { ...state, phase: run, rounds: { ...state.rounds, [phase]: round }, handedBack: null };
}

function noteOf(by: string, note: string): Finding {
  return { source: `person:${by}`, message: note, file: null, line: null, output: null };
}

export function withEveryStep(state: ItemState, change: (run: StepRun) => StepRun): ItemState {
  if (!state.phase) return state;
  const steps = Object.fromEntries(Object.entries(state.phase.steps).map(([key, run]) => [key, change(run)]));
  return { ...state, phase: { ...state.phase, steps } };
}
