/** Runs one effect of an item beside its turns; the result is turned into events later, in a turn of its own. */
import type { ItemEffect } from '../items/in-flight.ts';
import type { ItemEvent } from '../items/item-event.ts';
import type { ItemState } from '../items/item-state.ts';
import type { Claim } from '../journal/journal.ts';
import type { Team } from '../teams/team.ts';
import { runGate } from './run-gate.ts';
import { runStep } from './run-step.ts';
import type { WorkerContext } from './worker-context.ts';

export interface EffectRequest {
  context: WorkerContext;
  claim: Claim;
  team: Team;
  /** As it was when the effect started. */
  state: ItemState;
  effect: ItemEffect;
  signal: AbortSignal;
}

/** Makes events of the result, given the state as it is by then; runs alone, so it may move the item's branch. */
export type Settle = (state: ItemState) => Promise<ItemEvent[]>;

/** Null: the effect was aborted and has no result. */
export async function runEffect(request: EffectRequest): Promise<Settle | null> {
  const { effect } = request;
  switch (effect.effect) {
    case 'runStep':
      return runStep(request, effect);
    case 'judgeGate':
      return runGate(request, effect);
    case 'land':
      return null;
  }
}

/** Names the effect within its item: the same intent always has the same key. */
export function effectKey(effect: ItemEffect): string {
  switch (effect.effect) {
    case 'runStep':
      return effect.agent;
    case 'judgeGate':
      return `gate/${effect.phase}/${effect.round}/${effect.gate}/${effect.commit}`;
    case 'land':
      return `land/${effect.commit}`;
  }
}
