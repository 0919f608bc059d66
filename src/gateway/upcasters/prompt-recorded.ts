/** `prompt.recorded` through the versions. */
import type { JsonObject } from '../../base/json.ts';
import type { Upcast } from '../../journal/upcast.ts';

/** Schema 1 did not say what the prompt was made of. */
function leaveInputsOpen(data: JsonObject): JsonObject {
  return { ...data, madeFrom: null };
}

export const promptRecorded: readonly Upcast[] = [leaveInputsOpen];
