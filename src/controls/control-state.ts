/**
 * Which controls are in force, as a pure fold of the control stream, and what they mean for one place.
 *
 *   running   everything goes on
 *   stopped   a step, a gate or a landing under way goes on to its end; nothing begins
 *   paused    a model or tool call under way ends; the next one is held, and nothing begins
 *   killed    nothing runs: calls, commands and checks end at once
 *
 * person: any → paused | stopped | killed (control.set), paused | stopped | killed → running (control.cleared).
 */
import type { StoredEvent } from '../journal/event.ts';
import { upcast } from '../journal/upcast.ts';
import { type ControlEvent, controlKinds } from './control-event.ts';
import { type ControlScope, describeScope, type Place, scopesOver } from './control-scope.ts';

export type ControlState = 'running' | 'paused' | 'stopped' | 'killed';

/** A control in force. */
export interface Control {
  scope: ControlScope;
  state: Exclude<ControlState, 'running'>;
  /** Who laid it on. */
  by: string;
  /** ISO time, the database's. */
  at: string;
}

export interface Controls {
  byScope: ReadonlyMap<ControlScope, Control>;
  /** Version of the event that changed them last; 0: none ever did. */
  epoch: number;
  /** Of the last event of the stream that was folded. */
  version: number;
}

export const noControls: Controls = { byScope: new Map(), epoch: 0, version: 0 };

/** @throws MeshwrightError `event_unknown`. */
export function foldControls(events: readonly StoredEvent[], from: Controls = noControls): Controls {
  return events.reduce(applyControl, from);
}

function applyControl(controls: Controls, stored: StoredEvent): Controls {
  const { kind, data } = upcast(controlKinds, stored) as unknown as ControlEvent;
  const { version, at } = stored;
  switch (kind) {
    case 'control.set': {
      const { scope, state, by } = data;
      const byScope = new Map(controls.byScope).set(scope, { scope, state, by, at });
      return { byScope, epoch: version, version };
    }
    case 'control.cleared': {
      const byScope = new Map(controls.byScope);
      byScope.delete(data.scope);
      return { byScope, epoch: version, version };
    }
    case 'control.obeyed':
      return { ...controls, version };
  }
}

/** By how little they let go on: a paused step goes on less than a stopped one. */
const strictness: Readonly<Record<ControlState, number>> = { running: 0, stopped: 1, paused: 2, killed: 3 };

/** The strictest control that covers the place, of equals the widest; null: nothing does, it runs. */
export function effectiveControl(controls: Controls, place: Place): Control | null {
  let strictest: Control | null = null;
  for (const scope of scopesOver(place)) {
    const control = controls.byScope.get(scope);
    if (control && strictness[control.state] > strictness[strictest?.state ?? 'running']) strictest = control;
  }
  return strictest;
}

/** `item 3 is paused by @sarah-pm`. */
export function describeControl({ scope, state, by }: Control): string {
  return `${describeScope(scope)} is ${state} by ${by}`;
}
