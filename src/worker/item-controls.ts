/** What the controls say about one item: whether it may begin something, and the door of each of its agents. */
import { type ControlDoor, HeldError } from '../controls/control-door.ts';
import { clusterNameOf } from '../controls/control-scope.ts';
import { type Control, describeControl } from '../controls/control-state.ts';
import type { ControlWatch } from '../controls/control-watch.ts';
import type { ItemEffect } from '../items/in-flight.ts';
import type { ItemState } from '../items/item-state.ts';
import type { StreamId } from '../journal/event.ts';

type PlacedItem = Pick<ItemState, 'cluster' | 'number'>;

/** `agent` null: the item as a whole. */
export function controlOver(
  controls: ControlWatch,
  { cluster, number }: PlacedItem,
  agent: StreamId | null = null,
): Control | null {
  return controls.over({ cluster: clusterNameOf(cluster), item: number, agent });
}

export function agentOf(effect: ItemEffect): StreamId | null {
  return effect.effect === 'runStep' ? (effect.agent as StreamId) : null;
}

/** What was begun before it was stopped goes on to its end; what is paused or killed does not. */
export function letsGoOn(control: Control | null): boolean {
  return control === null || control.state === 'stopped';
}

/** The kill of this very agent, not of something around it. */
export function killOf(controls: ControlWatch, item: PlacedItem, agent: StreamId): Control | null {
  const around = controlOver(controls, item);
  const control = controlOver(controls, item, agent);
  return control?.state === 'killed' && around?.state !== 'killed' ? control : null;
}

export function doorOf(
  controls: ControlWatch,
  item: PlacedItem,
  { agent, held }: { agent: StreamId | null; held: AbortSignal },
): ControlDoor {
  return {
    assertOpen() {
      const control = controlOver(controls, item, agent);
      held.throwIfAborted();
      if (control && !letsGoOn(control)) throw new HeldError(describeControl(control));
    },
    held,
  };
}
