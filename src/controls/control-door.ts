/** What an agent's gateway asks of the controls before it lets anything through. */
import { type Control, describeControl } from './control-state.ts';

export interface ControlDoor {
  /** Called right before every call. @throws HeldError when a control forbids the next one. */
  assertOpen(): void;
  /** Aborts, with a HeldError, when a control begins to: what only waits for its next call need not wait on. */
  readonly held: AbortSignal;
}

/** The agent is held: by a control, or because its item pauses. It is put down where it is, with its files and its tape, and goes on from there. */
export class HeldError extends Error {
  constructor(why: string) {
    super(why);
    this.name = 'HeldError';
  }
}

/** Reason of an aborted signal: a control killed what it runs for. Nothing may be done any more but to keep what was made. */
export class KilledError extends HeldError {
  constructor(control: Control) {
    super(describeControl(control));
    this.name = 'KilledError';
  }
}

/** A door that no control ever closes. */
export const openDoor: ControlDoor = { assertOpen: () => {}, held: new AbortController().signal };
