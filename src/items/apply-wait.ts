/**
 * Folds what people bring into an item's flow from outside: a step waits for an answer, has it, or learns later that a decision
 * does not hold. Knows nothing of who is asked.
 */
import type { ItemEvent } from './item-event.ts';
import type { ItemState, PhaseRun, StepWait } from './item-state.ts';

type DataOf<Kind extends ItemEvent['kind']> = Extract<ItemEvent, { kind: Kind }>['data'];
type WaitEvent = Extract<
  ItemEvent,
  {
    kind:
      | 'step.asked'
      | 'step.rerouted'
      | 'step.answered'
      | 'item.parked'
      | 'item.requeued'
      | 'item.overturned';
  }
>;

export function applyWait(state: ItemState, event: WaitEvent): ItemState {
  switch (event.kind) {
    case 'step.asked': {
      const { step, ask, call, mode } = event.data;
      return withWait(state, step, { ask, call, mode });
    }
    case 'step.rerouted': {
      const { step, mode } = event.data;
      const waiting = state.phase?.steps[step]?.waiting;
      return waiting ? withWait(state, step, { ...waiting, mode }) : state;
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
 * the counters of attempts start anew, as when a person hands an item back. A landing comes to its end first: refused, it is put
 * right then; landed, another item does.
 */
function applyOverturned(state: ItemState, ruling: DataOf<'item.overturned'>): ItemState {
  const { phase } = state;
  if (phase && isUntouched(state, phase)) {
    return { ...state, phase: { ...phase, notes: [...phase.notes, ruling.finding] } };
  }
  const isReady = state.status === 'ready';
  return {
    ...state,
    status: isReady ? 'running' : state.status,
    readyCommit: isReady ? null : state.readyCommit,
    overturned: [...state.overturned, ruling],
    sentBack: {},
    allowances: state.allowances + 1,
  };
}

/** Its first phase has just been entered, and every attempt has failed: whoever works now, and what is done, went by the old decision. */
function isUntouched({ head, base, rounds }: ItemState, { steps }: PhaseRun): boolean {
  const roundCount = Object.values(rounds).reduce((sum, count) => sum + count, 0);
  return head === base && roundCount === 1 && Object.values(steps).every(({ status }) => status === 'failed');
}
