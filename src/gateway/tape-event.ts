/**
 * Every fact in an agent's life: the event kinds of its stream (`agent:…`); their schemas are in tape-kinds.ts. The fields marked *packed* may
 * be stored as a reference to a blob when they are large (tape-codec.ts); in memory they are always the value itself.
 */
import type { Finding } from '../artifacts/finding.ts';
import type { JsonObject } from '../base/json.ts';
import type { Price } from '../policy/policy.ts';
import type { AssistantPart, ModelFailure, ModelReply, Seat, TokenUsage } from './model.ts';

export type TapeEvent =
  /** First event: who sits here, on which model at which price, with which tools. */
  | {
      kind: 'agent.seated';
      data: {
        role: string;
        model: string;
        provider: string;
        isRealModel: boolean;
        seat: Seat;
        tools: string[];
        price: Price;
        ceilingMicroUsd: number | null;
        itemAccount: string;
      };
    }
  /** What calls are made of beside the tape, as blobs; those of a role's system text and tools are the same for all its agents. */
  | { kind: 'prompt.recorded'; data: RecordedPrompt & { prompt: string } }
  /**
   * Intent of one attempt of a model call; its reservation has the id `call`. `prompt` names a `prompt.recorded` of this agent;
   * of schema 1 it came as one blob, `wholePrompt`.
   */
  | {
      kind: 'model.call_intended';
      data: {
        call: string;
        attempt: number;
        model: string;
        estimatedInputTokens: number;
        maxOutputTokens: number;
        effort: string | null;
        reservedMicroUsd: number;
        messageCount: number;
        prompt: string;
        wholePrompt?: string;
      };
    }
  /** `reply` is packed. */
  | {
      kind: 'model.call_finished';
      data: {
        call: string;
        reply: AssistantPart[];
        stop: ModelReply['stop'];
        usage: TokenUsage;
        costMicroUsd: number;
      };
    }
  /** `in_doubt`: the process died during the call; `killed`: stopped on purpose. Both are charged in full. */
  | {
      kind: 'model.call_failed';
      data: {
        call: string;
        reason: ModelFailure['kind'] | 'in_doubt' | 'killed';
        message: string;
        usage: TokenUsage | null;
        costMicroUsd: number;
        /** When the next attempt follows; null when none does. */
        retryInMs: number | null;
      };
    }
  /** The ledger refused; no call was made and nothing is reserved. */
  | {
      kind: 'model.call_refused';
      data: {
        model: string;
        reason: string;
        account: string;
        ceilingMicroUsd: number | null;
        spentMicroUsd: number;
        reservedMicroUsd: number;
        wantedMicroUsd: number;
      };
    }
  /**
   * `about`: its input in one short line. `input` is packed; null: as in the reply that asked for it, which is on the tape.
   * `expects`: of an edit, so that after a crash the file itself says whether it was done.
   */
  | {
      kind: 'tool.call_intended';
      data: { id: string; tool: string; about: string; input: JsonObject | null; expects?: ExpectedEdit };
    }
  /** `output` (what the model is told) is packed. */
  | {
      kind: 'tool.call_finished';
      data: { id: string; tool: string; isError: boolean; output: string; durationMs: number };
    }
  /** The role may not do this; nothing ran. `input` and `output` are packed. */
  | {
      kind: 'tool.call_refused';
      data: { id: string; tool: string; input: JsonObject; reason: string; output: string };
    }
  | { kind: 'artifact.delivered'; data: { name: string; hash: string; bytes: number } }
  /** Everything that its step needs to end, so that a crash between the two costs nothing. */
  | { kind: 'agent.finished'; data: AgentEnding };

export interface AgentEnding {
  /** `done`, or why not (a StepFailure). */
  outcome: string;
  summary: string;
  /** Its changes as a commit on the step's base, not on the branch yet; null when there are none. */
  commit: string | null;
  findings: Finding[];
}

/** Blob hashes. */
export interface RecordedPrompt {
  system: string;
  tools: string;
  firstMessage: string;
}

/** sha256 of the file's text before and after. */
export interface ExpectedEdit {
  before: string;
  after: string;
}

export type TapeEventKind = TapeEvent['kind'];
