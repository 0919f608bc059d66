/**
 * The provider that is no model: it answers from a scenario, or from a function in tests, acting on what the tools
 * returned. Its answers are a pure function of the request. Knows nothing of prices; it reports realistic token counts.
 */
import type { Clock } from '../../base/clock.ts';
import type {
  AssistantPart,
  ModelFailure,
  ModelOutcome,
  ModelProvider,
  ModelReply,
  ModelRequest,
} from '../model.ts';
import { countTokens, countUsage, cutToTokens } from './count-usage.ts';
import type { TurnCall } from './play-script.ts';
import { decideTurn } from './replay-conversation.ts';
import type { Scenario } from './scenario.ts';

export interface ScriptedProviderOptions {
  scenario: Scenario;
  clock: Clock;
  /** How long one answer takes; default 0. */
  latencyMs?: number;
}

/** What a brain answers: words, tool calls (none: the turn ends), or a failure in place of both. */
export type Move = { text?: string; calls?: readonly TurnCall[] } | { failure: ModelFailure };

export type Brain = (request: ModelRequest) => Move | Promise<Move>;

export function createScriptedProvider(options: ScriptedProviderOptions): ModelProvider {
  const { scenario, clock, latencyMs = 0 } = options;
  return createScriptedProviderFromBrain(async (request) => decideTurn(scenario, request), {
    clock,
    latencyMs,
  });
}

/** For tests: a function in place of a scenario. */
export function createScriptedProviderFromBrain(
  brain: Brain,
  pace?: { clock: Clock; latencyMs: number },
): ModelProvider {
  return {
    name: 'scripted',
    isRealModel: false,
    generate: async (request, signal): Promise<ModelOutcome> => {
      signal.throwIfAborted();
      if (pace && pace.latencyMs > 0) await pace.clock.sleep(pace.latencyMs, signal);
      const move = await brain(request);
      signal.throwIfAborted();
      if ('failure' in move) return { ok: false, failure: move.failure };
      return { ok: true, reply: toReply(request, move.text ?? '', move.calls ?? []) };
    },
  };
}

function toReply(request: ModelRequest, text: string, calls: readonly TurnCall[]): ModelReply {
  const turn = request.messages.filter((message) => message.role === 'assistant').length + 1;
  const content: AssistantPart[] = text === '' ? [] : [{ type: 'text', text }];
  for (const [index, { tool, input }] of calls.entries()) {
    content.push({ type: 'tool_call', id: `scripted_${turn}_${index + 1}`, tool, input });
  }
  if (countTokens(content) > request.maxOutputTokens) return cutOff(request, text);
  return { content, stop: calls.length > 0 ? 'tool_call' : 'end', usage: countUsage(request, content) };
}

/** A longer answer than was paid for is cut, as a model's would be; its calls are lost. */
function cutOff(request: ModelRequest, text: string): ModelReply {
  const content: AssistantPart[] = [{ type: 'text', text: cutToTokens(text, request.maxOutputTokens) }];
  const usage = { ...countUsage(request, content), outputTokens: request.maxOutputTokens };
  return { content, stop: 'max_tokens', usage };
}
