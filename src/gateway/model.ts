/**
 * The model port: one attempt of one model call. Providers (scripted, anthropic, openai-compatible) implement it;
 * they do not retry, meter, or read the environment. Reservation, settlement, retries and the tape are around it.
 */
import type { JsonObject } from '../base/json.ts';

export interface ModelProvider {
  name: 'scripted' | 'anthropic' | 'openai-compatible';
  /** False: nobody may take its answers for a model's; shown wherever a person could. */
  isRealModel: boolean;
  /** One attempt. Never throws for what a provider or network does: that is a ModelFailure. Throws only on abort. */
  generate(request: ModelRequest, signal: AbortSignal): Promise<ModelOutcome>;
}

export interface ToolSpec {
  name: string;
  description: string;
  /** JSON Schema of the input, an object. */
  inputSchema: JsonObject;
}

export interface ModelRequest {
  /** Exact id as in the price snapshot. */
  model: string;
  /** Stable part first, so that provider caches hit. */
  system: string;
  messages: ModelMessage[];
  tools: ToolSpec[];
  /** Always set: it is the reservation's upper bound for output. */
  maxOutputTokens: number;
  effort: 'low' | 'medium' | 'high' | null;
  /** Who is asking, for the scripted provider and for logs; never sent to a real model. */
  seat: Seat;
}

/** Which agent, on which item, in which step asks. */
export interface Seat {
  project: string;
  item: number;
  itemTitle: string;
  role: string;
  /** `build/T1/developer`. */
  step: string;
  task: string | null;
  /** 1-based; grows when the flow sends the item back. */
  round: number;
}

export type ModelMessage =
  | { role: 'user'; content: (TextPart | ToolResultPart)[] }
  | { role: 'assistant'; content: AssistantPart[] };

export interface TextPart {
  type: 'text';
  text: string;
}
/** Opaque reasoning that some providers want back unchanged. */
export interface ReasoningPart {
  type: 'reasoning';
  text: string;
  providerData: JsonObject;
}
export interface ToolCallPart {
  type: 'tool_call';
  id: string;
  tool: string;
  input: JsonObject;
}
export interface ToolResultPart {
  type: 'tool_result';
  id: string;
  tool: string;
  output: string;
  isError: boolean;
}
export type AssistantPart = TextPart | ReasoningPart | ToolCallPart;

/** Disjoint counts: the whole prompt is uncached + cacheRead + cacheWrite. */
export interface TokenUsage {
  inputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  outputTokens: number;
}

export type ModelOutcome = { ok: true; reply: ModelReply } | { ok: false; failure: ModelFailure };

export interface ModelReply {
  content: AssistantPart[];
  stop: 'end' | 'tool_call' | 'max_tokens' | 'refusal' | 'other';
  usage: TokenUsage;
}

export interface ModelFailure {
  kind:
    | 'rate_limited'
    | 'overloaded'
    | 'unavailable'
    | 'cut_off'
    | 'malformed'
    | 'empty'
    | 'unauthorized'
    | 'rejected'
    | 'unknown_model';
  /** Fit for a person: what the provider said, without secrets. */
  message: string;
  isRetryable: boolean;
  /** The provider's own wish, if it stated one. */
  retryAfterMs: number | null;
  /** False only when the provider surely did not bill (429, 529, refused connection, 4xx). */
  mayHaveBilled: boolean;
  /** What was billed when the failed answer still told it. */
  usage: TokenUsage | null;
}
