/**
 * How an agent's gateway reaches people: the port behind the tools `ask` and `decline`. It knows nothing of who is asked, when, or
 * what follows from silence; a call is known by the agent and its id, so that what was asked once is not asked again.
 */
import type { JsonObject } from '../base/json.ts';
import type { AskingTool } from '../permissions/tool-name.ts';
import type { Handle, WaitMode } from '../policy/stakeholders.ts';
import type { AskReading } from '../questions/ask-input.ts';

export type WellFormed = Extract<AskReading, { ok: true }>;

export interface QuestionDoor {
  /** From what the model wrote to a question, or to everything that is missing in it. `wasAsked`: it was well-formed before. */
  read(tool: AskingTool, input: JsonObject, wasAsked: boolean): Promise<AskReading>;
  /** Null: no decision binds. */
  recall(question: WellFormed): Promise<BindingDecision | null>;
  /** Asks, or joins who asked the same; a second time for the same call changes nothing and says what came of it. */
  open(call: string, question: WellFormed): Promise<AskState>;
  /** What has come of it by now. `ask`: `Q-7`. */
  stateOf(ask: string): Promise<AskState>;
}

export interface BindingDecision {
  /** `D-1`. */
  decision: string;
  statement: string;
}

export type AskState =
  /** `ask`: `Q-7`; `of`: whose it is now, null: nobody is named for its kind. */
  | { isOpen: true; ask: string; mode: WaitMode; of: Handle | null }
  /** `text`: what the agent is told. */
  | { isOpen: false; ask: string; text: string };

/** A person is asked and this call has no result before the answer: the run ends here, and goes on with it. */
export interface Waiting {
  type: 'waiting';
  /** `Q-7` or `A-2`. */
  ask: string;
  call: string;
  mode: WaitMode;
  /** Null: of several people, or nobody is named. */
  of: Handle | null;
}
