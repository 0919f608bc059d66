/** Turns tokens into money: what a call cost, and the most that it can cost. Integer micro-dollars, always rounded up. */
import { type MicroUsd, microUsd } from '../base/money.ts';
import type { Price } from '../policy/policy.ts';
import type { ListPrice } from './price-snapshot.ts';

/** Disjoint counts: the whole prompt is uncached + cache read + cache write. */
export interface MeteredTokens {
  inputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  outputTokens: number;
}

/** @throws RangeError for counts that are not non-negative integers: they come from outside and would corrupt sums. */
export function costOf(usage: MeteredTokens, price: ListPrice): MicroUsd {
  const { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens } = usage;
  for (const count of [inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens]) assertCount(count);
  const rates = ratesFor(price, inputTokens + cacheReadTokens + cacheWriteTokens);
  return fromPerMillion(
    inputTokens * rates.inputMicroUsd +
      cacheReadTokens * rates.cacheReadMicroUsd +
      cacheWriteTokens * rates.cacheWriteMicroUsd +
      outputTokens * rates.outputMicroUsd,
  );
}

/**
 * The most a call can cost: every prompt token at the dearest way a prompt token is billed, the whole output used.
 * Holds as long as the prompt estimate is not below the real count.
 */
export function upperBoundCost(promptTokens: number, maxOutputTokens: number, price: ListPrice): MicroUsd {
  assertCount(promptTokens);
  assertCount(maxOutputTokens);
  const rates = ratesFor(price, promptTokens);
  const dearestPromptMicroUsd = Math.max(
    rates.inputMicroUsd,
    rates.cacheWriteMicroUsd,
    rates.cacheReadMicroUsd,
  );
  return fromPerMillion(promptTokens * dearestPromptMicroUsd + maxOutputTokens * rates.outputMicroUsd);
}

/** What holds for a prompt of this length, cached tokens included. */
export function ratesFor(price: ListPrice, promptTokens: number): Price {
  return price.longPrompt && promptTokens > price.longPrompt.overTokens ? price.longPrompt.price : price;
}

function fromPerMillion(amount: number): MicroUsd {
  return microUsd(Math.ceil(amount / 1_000_000));
}

function assertCount(count: number): void {
  if (!Number.isSafeInteger(count) || count < 0) throw new RangeError(`not a token count: ${count}`);
}
