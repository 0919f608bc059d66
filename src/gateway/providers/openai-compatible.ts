/**
 * The OpenAI Chat Completions protocol, as OpenAI and many local and hosted servers speak it. OpenAI's reasoning models take
 * the output limit under another name and an effort; other servers know neither.
 */
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import type { ModelProvider } from '../model.ts';
import { boundFetch, standardAnswerLimits } from './bounded-fetch.ts';
import type { ProviderConnection } from './provider-connection.ts';
import { callSdk } from './sdk-call.ts';

type UsageConverter = NonNullable<Parameters<typeof createOpenAICompatible>[0]['convertUsage']>;

/**
 * As the protocol has it, plus the cache writes that newer models bill dearer. A count that is not stated stays unknown:
 * taken for zero it would make the call free.
 */
const toSdkUsage: UsageConverter = (usage) => {
  const prompt = usage?.prompt_tokens ?? undefined;
  const completion = usage?.completion_tokens ?? undefined;
  const details = usage?.prompt_tokens_details;
  const cacheRead = details?.cached_tokens ?? 0;
  const cacheWrite = typeof details?.cache_write_tokens === 'number' ? details.cache_write_tokens : 0;
  return {
    inputTokens: {
      total: prompt,
      noCache: prompt === undefined ? undefined : prompt - cacheRead - cacheWrite,
      cacheRead,
      cacheWrite,
    },
    outputTokens: { total: completion, text: undefined, reasoning: undefined },
  };
};

const reasoningModels = /^(gpt-[5-9]|o\d)/;

export function createOpenAiCompatibleProvider(connection: ProviderConnection): ModelProvider {
  const { baseUrl, apiKey } = connection;
  const sdk = createOpenAICompatible({
    name: 'openai-compatible',
    baseURL: baseUrl,
    ...(apiKey === null ? {} : { apiKey }),
    fetch: boundFetch(connection.fetch ?? fetch, connection.limits ?? standardAnswerLimits),
    convertUsage: toSdkUsage,
    transformRequestBody: (body) => {
      const { max_tokens, ...rest } = body;
      return reasoningModels.test(String(body.model)) ? { ...rest, max_completion_tokens: max_tokens } : body;
    },
  });
  return {
    name: 'openai-compatible',
    isRealModel: true,
    generate: (request, signal) =>
      callSdk({
        model: sdk(request.model),
        request,
        signal,
        providerOptions:
          request.effort !== null && reasoningModels.test(request.model)
            ? { 'openai-compatible': { reasoningEffort: request.effort } }
            : {},
        secrets: apiKey === null ? [] : [apiKey],
        nowMs: Date.now,
      }),
  };
}
