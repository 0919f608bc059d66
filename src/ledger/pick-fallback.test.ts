import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { costOf, upperBoundCost } from './cost.ts';
import { equalsOf, isNowhereDearer, type ModelPlace, parsePlace, pickFallback } from './pick-fallback.ts';
import type { ListPrice } from './price-snapshot.ts';

const rate = fc.integer({ min: 0, max: 20_000_000 });
const plain = fc.record({
  inputMicroUsd: rate,
  outputMicroUsd: rate,
  cacheReadMicroUsd: rate,
  cacheWriteMicroUsd: rate,
});
const anyPrice: fc.Arbitrary<ListPrice> = fc
  .tuple(plain, fc.option(fc.record({ overTokens: fc.integer({ min: 1, max: 500_000 }), price: plain })))
  .map(([price, longPrompt]) => (longPrompt ? { ...price, longPrompt } : price));
const count = fc.integer({ min: 0, max: 1_000_000 });
const usage = fc.record({
  inputTokens: count,
  cacheReadTokens: count,
  cacheWriteTokens: count,
  outputTokens: count,
});

function place(model: string, price: ListPrice): ModelPlace {
  return { provider: 'anthropic', model, price };
}

describe('a model that stands in for another', () => {
  it('costs no more for any use of it, whatever is listed as an equal', () => {
    fc.assert(
      fc.property(anyPrice, fc.array(anyPrice, { maxLength: 5 }), usage, (price, prices, used) => {
        const seat = place('seat', price);
        const equals = prices.map((each, index) => place(`equal-${index}`, each));
        const picked = pickFallback({ seat, equals, isToBeHad: () => true });
        if (!picked) return;
        expect(costOf(used, picked.price)).toBeLessThanOrEqual(costOf(used, seat.price));
        const { inputTokens, outputTokens } = used;
        expect(upperBoundCost(inputTokens, outputTokens, picked.price)).toBeLessThanOrEqual(
          upperBoundCost(inputTokens, outputTokens, seat.price),
        );
      }),
      { numRuns: 2_000 },
    );
  });

  it('is refused for one kind of token that is dearer, at one length of a prompt', () => {
    const price = { inputMicroUsd: 5, outputMicroUsd: 5, cacheReadMicroUsd: 5, cacheWriteMicroUsd: 5 };
    expect(isNowhereDearer(price, price)).toBe(true);
    for (const kind of Object.keys(price)) {
      expect(isNowhereDearer({ ...price, [kind]: 6 }, price), kind).toBe(false);
      const long = { ...price, longPrompt: { overTokens: 1_000, price: { ...price, [kind]: 6 } } };
      expect(isNowhereDearer(long, price), `${kind} of long prompts`).toBe(false);
    }
  });

  it('is the first in the order of the policy that is to be had', () => {
    const price = { inputMicroUsd: 5, outputMicroUsd: 5, cacheReadMicroUsd: 5, cacheWriteMicroUsd: 5 };
    const [first, second] = [place('first', price), place('second', price)];
    const asked = { seat: place('seat', price), equals: [first, second] };
    expect(pickFallback({ ...asked, isToBeHad: () => true })).toBe(first);
    expect(pickFallback({ ...asked, isToBeHad: (each) => each !== first })).toBe(second);
    expect(pickFallback({ ...asked, isToBeHad: () => false })).toBeNull();
  });
});

describe('the equals of a model', () => {
  const models = {
    default: 'claude-sonnet-5-5',
    aliases: { fast: 'claude-haiku-5-5' },
    equals: {
      sonnet: ['claude-sonnet-5', 'openai-compatible:gpt-6.1-sol', 'nobody-sells-this'],
      fast: ['opus'],
    },
  };

  it('are found by any name of it, at their provider, and only with a price', () => {
    const found = equalsOf({ provider: 'anthropic', model: 'claude-sonnet-5-5' }, models, {});
    expect(found.map(({ provider, model }) => `${provider} ${model}`)).toEqual([
      'anthropic claude-sonnet-5',
      'openai-compatible gpt-6.1-sol',
    ]);
    expect(equalsOf({ provider: 'anthropic', model: 'claude-opus-5' }, models, {})).toEqual([]);
  });

  it('are read with a provider only where one is named: model ids may have colons', () => {
    expect(parsePlace('llama3:70b', 'openai-compatible')).toEqual({
      provider: 'openai-compatible',
      model: 'llama3:70b',
    });
    expect(parsePlace('anthropic:claude-opus-5', 'openai-compatible')).toEqual({
      provider: 'anthropic',
      model: 'claude-opus-5',
    });
  });
});
