/**
 * One attempt of one model call over the AI SDK: no retries, output always bounded, and an answer taken only when its
 * tokens are known and its tool calls can be read. What the two real providers differ in is handed in.
 */
import { generateText, type LanguageModel } from 'ai';
import { type JsonObject, storableText } from '../../base/json.ts';
import type {
  AssistantPart,
  ModelFailure,
  ModelOutcome,
  ModelReply,
  ModelRequest,
  TokenUsage,
} from '../model.ts';
import { toModelFailure } from './failure.ts';
import { type ProviderOptions, toSdkMessages, toSdkTools } from './sdk-messages.ts';

export interface SdkCall {
  model: LanguageModel;
  request: ModelRequest;
  signal: AbortSignal;
  providerOptions: ProviderOptions;
  /** Marks the end of what the provider should cache: on the system text and on the last message. */
  cacheMark?: ProviderOptions;
  /** Cut out of every message. */
  secrets: readonly string[];
  nowMs: () => number;
}

type SdkResult = Awaited<ReturnType<typeof generateText>>;

/** @throws the signal's reason when it aborted; nothing else. */
export async function callSdk(call: SdkCall): Promise<ModelOutcome> {
  const { request, signal, cacheMark } = call;
  signal.throwIfAborted();
  let result: SdkResult;
  try {
    result = await generateText({
      model: call.model,
      ...(request.system === '' ? {} : { instructions: toInstructions(request.system, cacheMark) }),
      messages: toSdkMessages(request.messages, cacheMark),
      tools: toSdkTools(request.tools),
      maxOutputTokens: request.maxOutputTokens,
      maxRetries: 0,
      providerOptions: call.providerOptions,
      abortSignal: signal,
    });
  } catch (error) {
    signal.throwIfAborted();
    return { ok: false, failure: toModelFailure(error, call.secrets, call.nowMs()) };
  }
  return toOutcome(result);
}

/** Providers reject an empty text, so without one nothing is said. */
function toInstructions(content: string, cacheMark: ProviderOptions | undefined) {
  return { role: 'system' as const, content, ...(cacheMark ? { providerOptions: cacheMark } : {}) };
}

function toOutcome(result: SdkResult): ModelOutcome {
  const usage = toTokenUsage(result.usage);
  if (usage === null) {
    return failed('malformed', 'the answer says nothing about its tokens, so its cost cannot be known', {
      isRetryable: false,
    });
  }
  const stop = toStop(result.finishReason);
  const wasCutShort = stop === 'max_tokens';
  const content: AssistantPart[] = [];
  for (const part of result.content) {
    if (part.type === 'text' && part.text !== '') content.push({ type: 'text', text: part.text });
    if (part.type === 'reasoning') {
      const providerData = (part.providerMetadata ?? {}) as JsonObject;
      content.push({ type: 'reasoning', text: part.text, providerData });
    }
    if (part.type === 'tool-call') {
      if (!isReadableInput(part.input)) {
        const why = wasCutShort
          ? 'the output limit cut a tool call off'
          : 'a tool call has no readable input';
        return failed('malformed', `${why} (${storableText(part.toolName.slice(0, 100))})`, {
          isRetryable: !wasCutShort,
          usage,
        });
      }
      const { toolCallId: id, toolName, input } = part;
      content.push({ type: 'tool_call', id, tool: toolName, input });
    }
  }
  if (content.some((part) => part.type !== 'reasoning')) {
    return { ok: true, reply: { content, stop, usage } };
  }
  if (stop === 'refusal')
    return failed('rejected', 'the model declined to answer', { isRetryable: false, usage });
  const why = wasCutShort ? 'the output limit was used up before an answer began' : 'the answer is empty';
  return failed('empty', why, { isRetryable: !wasCutShort, usage });
}

/** Unparsed text stays a string; a tool that does not exist still has an object, and is refused at the gateway. */
function isReadableInput(input: unknown): input is JsonObject {
  return input !== null && typeof input === 'object' && !Array.isArray(input);
}

/** No context and no output is larger; a count beyond would break the sums of a ledger. */
const mostTokens = 1_000_000_000;

/** Null when the provider did not state the tokens, or states what cannot be. */
function toTokenUsage(usage: SdkResult['usage']): TokenUsage | null {
  const { inputTokens, outputTokens, inputTokenDetails } = usage;
  if (inputTokens === undefined || outputTokens === undefined) return null;
  const cacheReadTokens = inputTokenDetails.cacheReadTokens ?? 0;
  const cacheWriteTokens = inputTokenDetails.cacheWriteTokens ?? 0;
  const uncached = inputTokenDetails.noCacheTokens ?? inputTokens - cacheReadTokens - cacheWriteTokens;
  const counts = { inputTokens: uncached, cacheReadTokens, cacheWriteTokens, outputTokens };
  return Object.values(counts).every(
    (count) => Number.isSafeInteger(count) && count >= 0 && count <= mostTokens,
  )
    ? counts
    : null;
}

function toStop(reason: SdkResult['finishReason']): ModelReply['stop'] {
  switch (reason) {
    case 'stop':
      return 'end';
    case 'tool-calls':
      return 'tool_call';
    case 'length':
      return 'max_tokens';
    case 'content-filter':
      return 'refusal';
    default:
      return 'other';
  }
}

function failed(kind: ModelFailure['kind'], message: string, rest: Partial<ModelFailure>): ModelOutcome {
  const failure = { kind, message, isRetryable: true, retryAfterMs: null, mayHaveBilled: true, usage: null };
  return { ok: false, failure: { ...failure, ...rest } };
}
