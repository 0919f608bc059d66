/** `model.call_intended` through the versions. */
import type { JsonObject } from '../../base/json.ts';
import type { Upcast } from '../../journal/upcast.ts';

/** Schema 1 (0.1.0) kept system text, tools and first message in one blob, for every agent anew. */
function nameTheWhole(data: JsonObject): JsonObject {
  return { ...data, wholePrompt: data.prompt ?? null };
}

/** Up to schema 2 nothing was kept by which a replay could compare the whole request. */
function leaveRequestOpen(data: JsonObject): JsonObject {
  return { ...data, request: null };
}

export const modelCallIntended: readonly Upcast[] = [nameTheWhole, leaveRequestOpen];
