/**
 * What a token costs: list prices of exact model ids, read from the providers' public price pages on the date below.
 * Data only; price-of.ts reads it.
 */
import type { Price } from '../policy/policy.ts';

/** When the table was last compared with the providers' pages. Prices change: `prices:` in mesh.yaml overrides any id. */
export const priceSnapshotDate = '2026-11-06';

/**
 * A price, with the higher one that some providers charge for the whole request once its prompt (cached tokens
 * included) passes a length. A price from a policy has no such second band.
 */
export interface ListPrice extends Price {
  longPrompt?: { overTokens: number; price: Price };
}

/** Anthropic: a cache write (5 minutes) costs 1.25 times the input; a read 0.1 times, or less where stated. */
function claude(inputUsd: number, outputUsd: number, cacheReadShare = 0.1): Price {
  return {
    inputMicroUsd: microUsdPerMillion(inputUsd),
    outputMicroUsd: microUsdPerMillion(outputUsd),
    cacheReadMicroUsd: microUsdPerMillion(inputUsd * cacheReadShare),
    cacheWriteMicroUsd: microUsdPerMillion(inputUsd * 1.25),
  };
}

/** OpenAI: cached input has its own price; writing the cache costs 1.25 times the input since GPT-5.6, nothing extra before. */
function gpt(inputUsd: number, cachedUsd: number, outputUsd: number, cacheWriteUsd = inputUsd): Price {
  return {
    inputMicroUsd: microUsdPerMillion(inputUsd),
    outputMicroUsd: microUsdPerMillion(outputUsd),
    cacheReadMicroUsd: microUsdPerMillion(cachedUsd),
    cacheWriteMicroUsd: microUsdPerMillion(cacheWriteUsd),
  };
}

/** Above 272,000 prompt tokens OpenAI charges the whole request twice the input and cache prices and 1.5 times the output. */
function withLongPrompt(price: Price): ListPrice {
  return {
    ...price,
    longPrompt: {
      overTokens: 272_000,
      price: {
        inputMicroUsd: price.inputMicroUsd * 2,
        outputMicroUsd: price.outputMicroUsd * 1.5,
        cacheReadMicroUsd: price.cacheReadMicroUsd * 2,
        cacheWriteMicroUsd: price.cacheWriteMicroUsd * 2,
      },
    },
  };
}

function microUsdPerMillion(usd: number): number {
  return Math.round(usd * 1_000_000);
}

export const priceSnapshot: Readonly<Record<string, ListPrice>> = {
  'claude-fable-5-1': claude(10, 50, 0.025),
  'claude-fable-5': claude(10, 50),
  'claude-opus-5-5': claude(4, 20, 0.05),
  'claude-opus-5': claude(5, 25),
  'claude-opus-4-8': claude(5, 25),
  'claude-opus-4-7': claude(5, 25),
  'claude-opus-4-6': claude(5, 25),
  'claude-opus-4-5': claude(5, 25),
  'claude-opus-4-5-20251101': claude(5, 25),
  'claude-sonnet-5-5': claude(2, 10, 0.05),
  'claude-sonnet-5': claude(2, 10),
  'claude-sonnet-4-6': claude(3, 15),
  'claude-sonnet-4-5': claude(3, 15),
  'claude-sonnet-4-5-20250929': claude(3, 15),
  'claude-haiku-5-5': { ...claude(0.1, 0.5), longPrompt: { overTokens: 100_000, price: claude(0.5, 2.5) } },
  'claude-haiku-4-5': claude(1, 5),
  'claude-haiku-4-5-20251001': claude(1, 5),

  'gpt-6.1-sol': withLongPrompt(gpt(2, 0.1, 10, 2.5)),
  'gpt-6.1-terra': withLongPrompt(gpt(1, 0.05, 5, 1.25)),
  'gpt-6-astra': withLongPrompt(gpt(10, 1, 50, 12.5)),
  'gpt-6-sol': withLongPrompt(gpt(2, 0.2, 10, 2.5)),
  'gpt-6-luna': withLongPrompt(gpt(0.1, 0.01, 0.5, 0.125)),
  'gpt-5.6-terra': withLongPrompt(gpt(2, 0.2, 12, 2.5)),
  'gpt-5.6-luna': withLongPrompt(gpt(0.2, 0.02, 1.2, 0.25)),
  'gpt-5.5': withLongPrompt(gpt(5, 0.5, 30)),
  'gpt-5.4': withLongPrompt(gpt(2.5, 0.25, 15)),
  'gpt-5.4-mini': gpt(0.75, 0.075, 4.5),
  'gpt-5.4-nano': gpt(0.2, 0.02, 1.25),
  'gpt-5.2': gpt(1.75, 0.175, 14),
  'gpt-5.1': gpt(1.25, 0.125, 10),
  'gpt-5': gpt(1.25, 0.125, 10),
  'gpt-5-mini': gpt(0.25, 0.025, 2),
  'gpt-5-nano': gpt(0.05, 0.005, 0.4),
  'gpt-4.1': gpt(2, 0.5, 8),
  'gpt-4.1-mini': gpt(0.4, 0.1, 1.6),
  'gpt-4.1-nano': gpt(0.1, 0.025, 0.4),
};
