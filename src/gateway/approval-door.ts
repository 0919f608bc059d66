/**
 * How an agent's gateway gets the yes of people for one exact call: the port behind rules that ask. It knows nothing of who may
 * say yes or for how long that holds; a call is known by the agent and its id.
 */
import type { ToolCallPart } from './model.ts';

export interface ApprovalDoor {
  /**
   * Asks for this very call, or says what came of that. `passed`: the approval is used up from here on, whatever becomes of the
   * call; a second time is never given.
   */
  pass(call: ToolCallPart, needed: { rule: string; tier: string }): Promise<Passage>;
}

/** `ask`: `A-2`. */
export type Passage =
  | { state: 'passed'; ask: string }
  | { state: 'waits'; ask: string }
  /** It was used, and nobody knows whether the call was carried out. */
  | { state: 'unknown'; ask: string }
  /** `why`: fit for the model. */
  | { state: 'refused'; why: string };
