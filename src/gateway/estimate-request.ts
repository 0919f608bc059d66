/**
 * How many tokens a request has, from above. A conversation grows by its end, so each message is counted once: a step costs the
 * same at the beginning of a long run and at its end.
 */
import { estimateFramingTokens, estimateTokens } from '../ledger/token-estimate.ts';
import type { ModelMessage, ModelRequest, ToolSpec } from './model.ts';

/** For the calls of one agent. Messages and tool lists are recognised by identity and must not be changed. */
export function createRequestEstimate(): (
  request: Pick<ModelRequest, 'system' | 'messages' | 'tools'>,
) => number {
  const counted = new WeakMap<object, number>();
  let system = { text: '', tokens: 0 };
  const once = (key: object, texts: () => string[]): number => {
    let tokens = counted.get(key);
    if (tokens === undefined) {
      tokens = texts().reduce((sum, text) => sum + estimateTokens(text), 0);
      counted.set(key, tokens);
    }
    return tokens;
  };
  return (request) => {
    if (system.text !== request.system) {
      system = { text: request.system, tokens: estimateTokens(request.system) };
    }
    const { messages, tools } = request;
    let tokens = estimateFramingTokens({ messageCount: messages.length, toolCount: tools.length });
    tokens += system.tokens + once(tools, () => textsOfTools(tools));
    for (const message of messages) tokens += once(message, () => textsOfMessage(message));
    return tokens;
  };
}

function textsOfMessage(message: ModelMessage): string[] {
  return message.content.map((part) => {
    if (part.type === 'text') return part.text;
    return part.type === 'tool_result' ? part.output : JSON.stringify(part);
  });
}

function textsOfTools(tools: readonly ToolSpec[]): string[] {
  return tools.map((tool) => JSON.stringify(tool));
}
