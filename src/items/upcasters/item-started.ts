/** `item.started` through the versions. */
import type { JsonObject } from '../../base/json.ts';
import type { Upcast } from '../../journal/upcast.ts';

/** Schema 1 (0.1.0) did not say with which ceiling the item's account was opened; only the account row knows. */
function leaveCeilingOpen(data: JsonObject): JsonObject {
  return { ...data, ceilingMicroUsd: null };
}

export const itemStarted: readonly Upcast[] = [leaveCeilingOpen];
