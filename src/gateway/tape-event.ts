/**
 * Every fact in an agent's life: the event kinds of its stream (`agent:…`); their schemas are in tape-kinds.ts. The fields marked *packed* may
 * be stored as a reference to a blob when they are large (tape-codec.ts); in memory they are always the value itself.
 */
import type { Finding } from '../artifacts/finding.ts';
import type { JsonObject } from '../base/json.ts';
import type { AccountPlan } from '../ledger/account-names.ts';
import type { Price } from '../policy/policy.ts';
import type { Tier } from '../teams/team.ts';
import type { AssistantPart, ModelFailure, ModelReply, Seat, TokenUsage } from './model.ts';
import type { OutsideEvent } from './outside-event.ts';
import type { RecordedRequest } from './outside-request.ts';

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
        /** What the model stands for, and what chose it; null: written by a version that did not say. */
        tier: Tier | null;
        why: string | null;
      };
    }
  /**
   * From here on every call must fit in these, the agent's own first. Those that were not open yet are opened in the same unit,
   * with this ceiling; an open one keeps its own. Again whenever a window has ended.
   */
  | { kind: 'accounts.assigned'; data: { accounts: AccountPlan[] } }
  /** What calls are made of beside the tape, as blobs; those of a role's system text and tools are the same for all its agents. */
  | { kind: 'prompt.recorded'; data: RecordedPrompt & { prompt: string } }
  /** What an outside agent sent, before the intent of its first attempt; `added` is packed. */
  | { kind: 'model.request_recorded'; data: RecordedRequest }
  /**
   * Intent of one attempt of a model call; its reservation has the id `call`. `prompt` names a `prompt.recorded` of this agent;
   * of schema 1 it came as one blob, `wholePrompt`. `request`: hash over all that was sent (hash-request.ts); null: not recorded.
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
        request: string | null;
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
  /** Neither the seat's model nor an equal of it is to be had before `until`: no call was made and nothing is reserved. */
  | { kind: 'model.call_postponed'; data: { model: string; provider: string; until: string; reason: string } }
  /** The next call, of a model or a tool, waits because so many per minute went before it. `limit`: `tool:shell`. */
  | { kind: 'call.delayed'; data: { limit: string; perMinute: number; waitMs: number } }
  /**
   * `about`: its input in one short line. `input` is packed; null: as in the reply that asked for it, which is on the tape.
   * `rule`: what allowed it, or refused it below; tapes of 0.1.0 do not say.
   * `expects`: of an edit, so that after a crash the file itself says whether it was done.
   */
  | {
      kind: 'tool.call_intended';
      data: {
        id: string;
        tool: string;
        about: string;
        input: JsonObject | null;
        rule?: string;
        expects?: ExpectedEdit;
        /** `A-2`: people said yes to this one run of it. */
        approval?: string;
      };
    }
  /** `output` (what the model is told) is packed. */
  | {
      kind: 'tool.call_finished';
      data: { id: string; tool: string; isError: boolean; output: string; durationMs: number };
    }
  /** The role may not do this; nothing ran. `input` and `output` are packed. */
  | {
      kind: 'tool.call_refused';
      data: { id: string; tool: string; input: JsonObject; rule?: string; reason: string; output: string };
    }
  /** We said something to the agent between its turns: a user message at this place. `about` names the occasion, told once. */
  | { kind: 'agent.told'; data: { about: string; text: string } }
  /** What of memory its prompt shows: ids of records and of rules of packs. */
  | { kind: 'memory.recalled'; data: { ids: string[] } }
  /** Instead of asking a person: the decision `id` (`D-1`) answered this call of `ask`. */
  | { kind: 'memory.answered'; data: { call: string; id: string } }
  /**
   * An agent that cannot wait within a call was told so; it hears the answer between its turns. `ask`: `Q-7` or `A-2`; `call` names what
   * was asked, whichever call said it. `action`, packed: what is done once it is approved; null: a question. The result of the call of
   * that name is then its answer.
   */
  | { kind: 'people.asked'; data: { call: string; ask: string; action: AskedAction | null } }
  /** What came of a question, as the agent is told in its next turn. `text` is packed. */
  | { kind: 'people.answered'; data: { call: string; ask: string; text: string } }
  | OutsideEvent
  | { kind: 'artifact.delivered'; data: { name: string; hash: string; bytes: number } }
  /** Everything that its step needs to end, so that a crash between the two costs nothing. */
  | { kind: 'agent.finished'; data: AgentEnding };

/** A tool call that needs the yes of people. */
export interface AskedAction {
  tool: string;
  input: JsonObject;
}

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
  /** What system text and first message were assembled from, so that they can be again; null: not recorded. */
  madeFrom: string | null;
}

/** sha256 of the file's text before and after. */
export interface ExpectedEdit {
  before: string;
  after: string;
}

export type TapeEventKind = TapeEvent['kind'];
