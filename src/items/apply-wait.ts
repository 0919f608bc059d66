/**
 * Folds what people bring into an item's flow from outside: a step waits for an answer, has it, or learns later that a decision
 * does not hold. Knows nothing of who is asked.
 */
import type { ItemEvent } from './item-event.ts';
import type { ItemState, PhaseRun, StepWait } from './item-state.ts';

type DataOf<Kind extends ItemEvent['kind']> = Extract<ItemEvent, { kind: Kind }>['data'];
type WaitEvent = Extract<
  ItemEvent,
  { kind: 'step.asked' | 'step.answered' | 'item.parked' | 'item.requeued' | 'item.overturned' }
>;

export function applyWait(state: ItemState, event: WaitEvent): ItemState {
  switch (event.kind) {
    case 'step.asked': {
      const { step, ask, call, mode } = event.data;
      return withWait(state, step, { ask, call, mode });
    }
    case 'step.answered':
      return withWait(state, event.data.step, null);
    case 'item.parked':
      return { ...state, isParked: true };
    case 'item.requeued':
      return { ...state, isParked: false };
    case 'item.overturned':
      return applyOverturned(state, event.data);
  }
}

function withWait(state: ItemState, step: string, waiting: StepWait | null): ItemState {
  const { phase } = state;
  const run = phase?.steps[step];
  // findMisplacement has seen both; this only tells the compiler.
  if (!phase || !run) return state;
  return { ...state, phase: { ...phase, steps: { ...phase.steps, [step]: { ...run, waiting } } } };
}

/**
 * Nothing made by it yet: whatever starts is told. Else it is to be put right: a person's new ruling is a reason to try again, so
 * the counters of attempts start anew, as when a person hands an item back.
 */
function applyOverturned(state: ItemState, { finding }: DataOf<'item.overturned'>): ItemState {
  const { phase } = state;
  if (phase && state.status !== 'ready' && state.head === state.base && !isAtWork(phase)) {
    return { ...state, phase: { ...phase, notes: [...phase.notes, finding] } };
  }
  const isReady = state.status === 'ready';
  return {
    ...state,
    status: isReady ? 'running' : state.status,
    readyCommit: isReady ? null : state.readyCommit,
    overturned: [...state.overturned, finding],
    sentBack: {},
    allowances: state.allowances + 1,
  };
}

/** Whoever works now was told the old decision. */
function isAtWork(phase: PhaseRun): boolean {
  return Object.values(phase.steps).some(({ status }) => status === 'running');
}
