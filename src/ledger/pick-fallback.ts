/**
 * Which model may take a call while the seat's own is not to be had: the first that the policy calls its equal, that is to be
 * had, and that is not dearer for any kind of token at any length of a prompt. Pure; it knows nothing of why.
 */
import type { ModelPolicy, ProviderName } from '../policy/policy.ts';
import { ratesFor } from './cost.ts';
import { type PriceOverrides, priceOf } from './price-of.ts';
import type { ListPrice } from './price-snapshot.ts';
import { resolveModel } from './resolve-model.ts';

/** A model at a provider, and what it costs there. */
export interface ModelPlace {
  provider: ProviderName;
  /** Exact id. */
  model: string;
  price: ListPrice;
}

/** Null: nobody may. */
export function pickFallback<P extends ModelPlace>(facts: {
  seat: ModelPlace;
  equals: readonly P[];
  isToBeHad: (place: P) => boolean;
}): P | null {
  const { seat, equals, isToBeHad } = facts;
  return equals.find((equal) => isNowhereDearer(equal.price, seat.price) && isToBeHad(equal)) ?? null;
}

/** Kind by kind, on both sides of every length at which one of the two changes its prices. */
export function isNowhereDearer(one: ListPrice, other: ListPrice): boolean {
  const lengths = [0, one, other].map((each) =>
    typeof each === 'number' ? each : (each.longPrompt?.overTokens ?? 0) + 1,
  );
  return lengths.every((promptTokens) => {
    const a = ratesFor(one, promptTokens);
    const b = ratesFor(other, promptTokens);
    return (
      a.inputMicroUsd <= b.inputMicroUsd &&
      a.outputMicroUsd <= b.outputMicroUsd &&
      a.cacheReadMicroUsd <= b.cacheReadMicroUsd &&
      a.cacheWriteMicroUsd <= b.cacheWriteMicroUsd
    );
  });
}

/** Those of `models.equals` that are called by this model's name or by an alias of it; one without a price is left out. */
export function equalsOf(
  seat: Pick<ModelPlace, 'provider' | 'model'>,
  models: Pick<ModelPolicy, 'default' | 'aliases' | 'equals'>,
  prices: PriceOverrides,
): ModelPlace[] {
  const named = Object.entries(models.equals)
    .filter(([model]) => resolveModel(model, models) === seat.model)
    .flatMap(([, equals]) => equals);
  return named.flatMap((written) => {
    const { provider, model: name } = parsePlace(written, seat.provider);
    const model = resolveModel(name, models);
    const price = priceOf(model, prices);
    return price ? [{ provider, model, price }] : [];
  });
}

/** `provider:model`, or a model at the provider of the seat. Model ids may have colons of their own. */
export function parsePlace(
  written: string,
  provider: ProviderName,
): { provider: ProviderName; model: string } {
  const colon = written.indexOf(':');
  const stated = providerNames.find((name) => name === written.slice(0, colon));
  return stated ? { provider: stated, model: written.slice(colon + 1) } : { provider, model: written };
}

const providerNames: readonly ProviderName[] = ['scripted', 'anthropic', 'openai-compatible'];
