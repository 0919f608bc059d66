/**
 * Which controls are in force, as a pure fold of the control stream, and what they mean for one place.
 *
 *   running   everything goes on
 *   stopped   a step, a gate or a landing under way goes on to its end; nothing begins
 *   paused    a model or tool call under way ends; the next one is held, and nothing begins
 *   killed    nothing runs: calls, commands and checks end at once
 *
 * holder: any → paused | stopped | killed (control.set), paused | stopped | killed → running (control.cleared). A person is one
 * holder, each open question that blocks another; on one scope each has a control of its own, and none undoes another's.
 */
import type { StoredEvent } from '../journal/event.ts';
import { upcast } from '../journal/upcast.ts';
import { type ControlEvent, controlKinds } from './control-event.ts';
import { type ControlScope, describeScope, type Place, scopesOver, shortestScope } from './control-scope.ts';

export type ControlState = 'running' | 'paused' | 'stopped' | 'killed';

/** A control in force. */
export interface Control {
  scope: ControlScope;
  state: Exclude<ControlState, 'running'>;
  /** Who laid it on. */
  by: string;
  /** The open question that lifts it (`Q-7`); null: a person does. */
  holder: string | null;
  /** Of a question: `compliance_question, waits for @compliance-team`. */
  why: string | null;
  /** ISO time, the database's. */
  at: string;
}

export interface Controls {
  /** Of each scope at least one, a person's first, then in the order in which they were laid on. */
  byScope: ReadonlyMap<ControlScope, readonly Control[]>;
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
      const { scope, state, by, holder, why } = data;
      const others = othersOn(controls, scope, holder);
      const laid = { scope, state, by, holder, why, at };
      const all = holder === null ? [laid, ...others] : [...others, laid];
      return { byScope: new Map(controls.byScope).set(scope, all), epoch: version, version };
    }
    case 'control.cleared': {
      const { scope, holder } = data;
      const byScope = new Map(controls.byScope);
      const others = othersOn(controls, scope, holder);
      if (others.length > 0) byScope.set(scope, others);
      else byScope.delete(scope);
      return { byScope, epoch: version, version };
    }
    case 'control.obeyed':
      return { ...controls, version };
  }
}

function othersOn({ byScope }: Controls, scope: ControlScope, holder: string | null): Control[] {
  return (byScope.get(scope) ?? []).filter((control) => control.holder !== holder);
}

/** What this holder (null: a person) laid on this very scope. */
export function controlHeldBy(
  { byScope }: Controls,
  scope: ControlScope,
  holder: string | null,
): Control | undefined {
  return byScope.get(scope)?.find((control) => control.holder === holder);
}

/** By how little they let go on: a paused step goes on less than a stopped one. */
const strictness: Readonly<Record<ControlState, number>> = { running: 0, stopped: 1, paused: 2, killed: 3 };

/** The strictest control that covers the place, of equals the widest, of those a person's; null: nothing does, it runs. */
export function effectiveControl(controls: Controls, place: Place): Control | null {
  let strictest: Control | null = null;
  for (const control of scopesOver(place).flatMap((scope) => controls.byScope.get(scope) ?? []))
    if (strictness[control.state] > strictness[strictest?.state ?? 'running']) strictest = control;
  return strictest;
}

/** `item 3 is paused by @sarah-pm`; `cluster main is blocked by Q-7 (compliance_question, waits for @compliance-team)`. */
export function describeControl({ scope, state, by, holder, why }: Control): string {
  if (holder === null) return `${describeScope(scope)} is ${state} by ${by}`;
  return `${describeScope(scope)} is blocked by ${holder}${why === null ? '' : ` (${why})`}`;
}

/** What a person can do about it: `` `meshwright answer Q-7 …` lifts it ``. */
export function describeLifting({ scope, holder }: Pick<Control, 'scope' | 'holder'>): string {
  return holder === null
    ? `\`meshwright resume ${shortestScope(scope)}\` undoes it`
    : `\`meshwright answer ${holder} …\` lifts it`;
}
