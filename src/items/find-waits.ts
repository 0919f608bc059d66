/** Which steps of an item wait for people, and what that means for its place in the cluster. Pure. */
import type { ItemState, StepWait } from './item-state.ts';

export interface FoundWait extends StepWait {
  step: string;
  agent: string;
}

export function findWaits(state: Pick<ItemState, 'phase'>): FoundWait[] {
  return Object.entries(state.phase?.steps ?? {}).flatMap(([step, { status, waiting, agent }]) =>
    status === 'running' && waiting ? [{ ...waiting, step, agent }] : [],
  );
}

/** It runs, and nothing of it can go on before somebody answers. */
export function isWaiting(state: ItemState): boolean {
  const waits = findWaits(state);
  return state.status === 'running' && waits.length > 0 && waits.length === countBusy(state);
}

/** Nothing but answers that may take their time could let it go on. */
export function mayPark(state: ItemState): boolean {
  return isWaiting(state) && findWaits(state).every(({ mode }) => mode === 'park');
}

/** It was parked and has been answered, or waits for somebody now who does not take their time: it has a place once there is room. */
export function isRequeued(state: ItemState): boolean {
  return state.status === 'running' && state.isParked && !mayPark(state);
}

/** Steps and gates that were begun. */
function countBusy({ phase }: ItemState): number {
  const runs = [...Object.values(phase?.steps ?? {}), ...(phase?.gates ?? [])];
  return runs.filter(({ status }) => status === 'running').length;
}

/** It counts against the items that a cluster works on at once. */
export function holdsPlace({ status, isParked }: ItemState): boolean {
  return status === 'running' && !isParked;
}
