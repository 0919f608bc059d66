/** What an effect of an item is given and gives back; the vocabulary that its runners share. */
import type { ControlDoor } from '../controls/control-door.ts';
import type { ItemEffect } from '../items/in-flight.ts';
import type { ItemEvent } from '../items/item-event.ts';
import type { ItemState } from '../items/item-state.ts';
import type { Claim } from '../journal/journal.ts';
import type { Team } from '../teams/team.ts';
import type { WorkerContext } from './worker-context.ts';

export interface EffectRequest {
  context: WorkerContext;
  claim: Claim;
  /** As the item pins it. */
  team: Team;
  /** As it was when the effect started. */
  state: ItemState;
  /** Of what runs it: an agent's gateway asks before every call. */
  controls: ControlDoor;
  signal: AbortSignal;
}

/** How an effect is ended, and what it asks before it calls anybody. */
export type EffectReins = Pick<EffectRequest, 'signal' | 'controls'>;

/**
 * Reason of an aborted signal: the worker stops driving (it ends, or its claim is lost). What the effect worked on stays where
 * it is, for whoever drives next. Any other reason: it is not wanted now (paused, canceled, killed).
 */
export class LeavingError extends Error {
  constructor() {
    super('the worker stops driving');
    this.name = 'LeavingError';
  }
}

/** Makes events of the result, given the state as it is by then; runs alone, so it may move the item's branch. */
export type Settle = (state: ItemState) => Promise<ItemEvent[]>;

export type StepEffect = Extract<ItemEffect, { effect: 'runStep' }>;
export type GateEffect = Extract<ItemEffect, { effect: 'judgeGate' }>;

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
