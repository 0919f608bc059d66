import { describe, expect, it } from 'vitest';
import { knownModels, priceOf, suggestModel } from './price-of.ts';
import { builtInAliases, resolveModel } from './resolve-model.ts';

const own = { inputMicroUsd: 1, outputMicroUsd: 2, cacheReadMicroUsd: 3, cacheWriteMicroUsd: 4 };

describe('prices', () => {
  it('knows only exact ids: a prefix, a suffix or another case has no price', () => {
    expect(priceOf('claude-sonnet-5-5', {})).not.toBeNull();
    for (const near of ['claude-sonnet-5-5-latest', 'claude-sonnet', 'Claude-Sonnet-5-5', 'sonnet', '']) {
      expect(priceOf(near, {})).toBeNull();
    }
  });

  it('finds no price under names that every object has', () => {
    for (const name of ['constructor', '__proto__', 'toString']) expect(priceOf(name, {})).toBeNull();
  });

  it('takes the policy price over the listed one, and adds ids of its own', () => {
    expect(priceOf('gpt-5', { 'gpt-5': own })).toBe(own);
    expect(priceOf('local-llm', { 'local-llm': own })).toBe(own);
    expect(knownModels({ 'local-llm': own })).toContain('local-llm');
  });

  it('lists cache writes of Anthropic models at 1.25 times their input', () => {
    for (const id of knownModels({}).filter((known) => known.startsWith('claude-'))) {
      const price = priceOf(id, {});
      expect(price?.cacheWriteMicroUsd).toBe(Math.round((price?.inputMicroUsd ?? 0) * 1.25));
    }
  });

  it('has only positive whole micro-dollars, in both bands', () => {
    for (const id of knownModels({})) {
      const price = priceOf(id, {});
      for (const band of [price, price?.longPrompt?.price ?? price]) {
        const { inputMicroUsd, outputMicroUsd, cacheReadMicroUsd, cacheWriteMicroUsd } = band ?? own;
        for (const amount of [inputMicroUsd, outputMicroUsd, cacheReadMicroUsd, cacheWriteMicroUsd]) {
          expect(Number.isInteger(amount) && amount > 0).toBe(true);
        }
        expect(cacheReadMicroUsd).toBeLessThan(inputMicroUsd);
      }
    }
  });

  it('suggests the id that was probably meant, and nothing for nonsense', () => {
    expect(suggestModel('claude-sonet-5-5')).toBe('claude-sonnet-5-5');
    expect(suggestModel('gpt5-mini')).toBe('gpt-5-mini');
    expect(suggestModel('local-llm-8', { 'local-llm-8b': own })).toBe('local-llm-8b');
    expect(suggestModel('zzzzzzzzzzzzzz')).toBeNull();
  });
});

describe('the model of a role', () => {
  const models = { default: 'gpt-5', aliases: { opus: 'my-opus', fast: 'gpt-5-mini' } };

  it('is the policy alias before the built-in one, else the id as written', () => {
    expect(resolveModel('opus', models)).toBe('my-opus');
    expect(resolveModel('fast', models)).toBe('gpt-5-mini');
    expect(resolveModel('haiku', models)).toBe(builtInAliases.haiku);
    expect(resolveModel('claude-opus-5', models)).toBe('claude-opus-5');
  });

  it('is the default, itself resolved, when the role names none or inherits', () => {
    expect(resolveModel(null, models)).toBe('gpt-5');
    expect(resolveModel('inherit', { default: 'sonnet', aliases: {} })).toBe(builtInAliases.sonnet);
  });

  it('resolves every built-in alias to a priced id', () => {
    for (const id of Object.values(builtInAliases)) expect(priceOf(id, {})).not.toBeNull();
  });
});
