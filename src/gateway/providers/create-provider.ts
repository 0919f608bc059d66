/** Makes a real provider from settings that were read at the edge. Reads no environment; the scripted one has its own maker. */
import type { ModelProvider } from '../model.ts';
import { createAnthropicProvider } from './anthropic.ts';
import { createOpenAiCompatibleProvider } from './openai-compatible.ts';
import type { ProviderConnection } from './provider-connection.ts';

export interface ProviderOptions extends ProviderConnection {
  name: 'anthropic' | 'openai-compatible';
}

export function createProvider(options: ProviderOptions): ModelProvider {
  // The SDK prints warnings of its own to the console, in the middle of what the person reads.
  Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false });
  switch (options.name) {
    case 'anthropic':
      return createAnthropicProvider(options);
    case 'openai-compatible':
      return createOpenAiCompatibleProvider(options);
  }
}
