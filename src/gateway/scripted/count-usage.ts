/**
 * Token counts that a real provider would report for texts of this length, with prompt caching: what the same agent
 * sent one turn before is read from the cache, what came since is written to it. Pure; prices nothing.
 */
import type { AssistantPart, ModelMessage, ModelRequest, TokenUsage } from '../model.ts';

/** English and code, as providers count them. */
const charactersPerToken = 3.6;
/** Shorter prompts are not cached by providers. */
const minimumCachedTokens = 1_024;

export function countUsage(request: ModelRequest, reply: readonly AssistantPart[]): TokenUsage {
  const head = request.system.length + JSON.stringify(request.tools).length;
  const lastAnswer = request.messages.findLastIndex((message) => message.role === 'assistant');
  const earlier = lastAnswer < 0 ? 0 : toTokens(head + lengthOf(request.messages.slice(0, lastAnswer)));
  const prompt = toTokens(head + lengthOf(request.messages));
  const outputTokens = Math.max(1, countTokens(reply));
  if (prompt < minimumCachedTokens) {
    return { inputTokens: prompt, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens };
  }
  const cacheReadTokens = earlier < minimumCachedTokens ? 0 : earlier;
  return { inputTokens: 0, cacheReadTokens, cacheWriteTokens: prompt - cacheReadTokens, outputTokens };
}

export function countTokens(parts: readonly AssistantPart[]): number {
  return toTokens(JSON.stringify(parts.map(withoutFrame)).length);
}

/** The text that this many tokens hold. */
export function cutToTokens(text: string, tokens: number): string {
  return text.slice(0, Math.max(0, Math.floor((tokens - 1) * charactersPerToken))).toWellFormed();
}

function lengthOf(messages: readonly ModelMessage[]): number {
  return messages.reduce((sum, message) => sum + JSON.stringify(message.content).length, 0);
}

/** Ids and part names are not the model's output. */
function withoutFrame(part: AssistantPart): unknown {
  return part.type === 'tool_call' ? [part.tool, part.input] : part.text;
}

function toTokens(characters: number): number {
  return Math.ceil(characters / charactersPerToken);
}
