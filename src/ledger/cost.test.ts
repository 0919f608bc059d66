import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { costOf, upperBoundCost } from './cost.ts';
import { knownModels, priceOf } from './price-of.ts';
import type { ListPrice } from './price-snapshot.ts';

const price: ListPrice = {
  inputMicroUsd: 3_000_000,
  outputMicroUsd: 15_000_000,
  cacheReadMicroUsd: 300_000,
  cacheWriteMicroUsd: 3_750_000,
};

describe('the cost of a call', () => {
  it('prices each kind of token as such', () => {
    const usage = { inputTokens: 100, cacheReadTokens: 1000, cacheWriteTokens: 200, outputTokens: 50 };
    expect(costOf(usage, price)).toBe(300 + 300 + 750 + 750);
  });

  it('rounds a part of a micro-dollar up, and nothing to nothing', () => {
    const nothing = { inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0 };
    expect(costOf({ ...nothing, cacheReadTokens: 1 }, price)).toBe(1);
    expect(costOf(nothing, price)).toBe(0);
  });

  it('charges the whole request at the long-prompt price once the prompt passes the length', () => {
    const banded = {
      ...price,
      longPrompt: { overTokens: 1000, price: { ...price, outputMicroUsd: 30_000_000 } },
    };
    const atLimit = { inputTokens: 0, cacheReadTokens: 1000, cacheWriteTokens: 0, outputTokens: 10 };
    expect(costOf(atLimit, banded)).toBe(300 + 150);
    expect(costOf({ ...atLimit, inputTokens: 1 }, banded)).toBe(3 + 300 + 300);
  });

  it('refuses counts that are not counts', () => {
    const usage = { inputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0 };
    for (const bad of [-1, 0.5, Number.NaN]) {
      expect(() => costOf({ ...usage, outputTokens: bad }, price)).toThrow(RangeError);
    }
  });

  it('never passes its upper bound, whatever the split between cached and uncached tokens', () => {
    const count = fc.nat({ max: 400_000 });
    fc.assert(
      fc.property(
        fc.constantFrom(...knownModels({})),
        fc.record({
          inputTokens: count,
          cacheReadTokens: count,
          cacheWriteTokens: count,
          outputTokens: count,
        }),
        fc.nat({ max: 50_000 }),
        (model, usage, slack) => {
          const listed = priceOf(model, {});
          if (!listed) throw new Error('listed model without a price');
          const prompt = usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
          const bound = upperBoundCost(prompt + slack, usage.outputTokens, listed);
          expect(costOf(usage, listed)).toBeLessThanOrEqual(bound);
        },
      ),
    );
  });
});
