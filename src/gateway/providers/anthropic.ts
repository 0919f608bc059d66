/** The Anthropic Messages protocol: cache marks on the stable prefix and on the last message, effort where a model has it. */
import { createAnthropic } from '@ai-sdk/anthropic';
import type { ModelProvider } from '../model.ts';
import { boundFetch, standardAnswerLimits } from './bounded-fetch.ts';
import type { ProviderConnection } from './provider-connection.ts';
import { callSdk } from './sdk-call.ts';

const cacheMark = { anthropic: { cacheControl: { type: 'ephemeral' } } } as const;

/** Older models and unknown ones reject the setting. */
const modelsWithEffort = /^claude-(opus-4-[5-9]|sonnet-4-6|(fable|opus|sonnet|haiku)-[5-9])(-|$)/;

export function createAnthropicProvider(connection: ProviderConnection): ModelProvider {
  const { baseUrl, apiKey } = connection;
  const sdk = createAnthropic({
    baseURL: baseUrl,
    apiKey: apiKey ?? '',
    fetch: boundFetch(connection.fetch ?? fetch, connection.limits ?? standardAnswerLimits),
  });
  return {
    name: 'anthropic',
    isRealModel: true,
    generate: (request, signal) =>
      callSdk({
        model: sdk(request.model),
        request,
        signal,
        cacheMark,
        providerOptions:
          request.effort !== null && modelsWithEffort.test(request.model)
            ? { anthropic: { effort: request.effort } }
            : {},
        secrets: apiKey === null ? [] : [apiKey],
        nowMs: Date.now,
      }),
  };
}
