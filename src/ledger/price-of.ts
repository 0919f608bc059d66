/**
 * Looks up what a model costs: the policy's price, else the dated snapshot's, by exact id only. A model without a price is
 * refused before any call. Knows no accounts and no calls.
 */
import { distance } from 'fastest-levenshtein';
import type { Price } from '../policy/policy.ts';
import { type ListPrice, priceSnapshot } from './price-snapshot.ts';
import { builtInAliases } from './resolve-model.ts';

export type PriceOverrides = Readonly<Record<string, Price>>;

/** The price of exactly this id; null: unknown, and the call must be refused. An override replaces the whole entry. */
export function priceOf(model: string, overrides: PriceOverrides): ListPrice | null {
  if (Object.hasOwn(overrides, model)) return overrides[model] ?? null;
  return Object.hasOwn(priceSnapshot, model) ? (priceSnapshot[model] ?? null) : null;
}

/** Every priced id, sorted. */
export function knownModels(overrides: PriceOverrides): string[] {
  return [...new Set([...Object.keys(priceSnapshot), ...Object.keys(overrides)])].sort();
}

/** The known id or alias that was probably meant; null when nothing is near. */
export function suggestModel(model: string, overrides: PriceOverrides = {}): string | null {
  let best: { id: string; edits: number } | null = null;
  for (const id of [...knownModels(overrides), ...Object.keys(builtInAliases)]) {
    const edits = distance(model.toLowerCase(), id);
    if (!best || edits < best.edits) best = { id, edits };
  }
  return best && best.edits <= Math.max(2, Math.floor(model.length * 0.4)) ? best.id : null;
}
