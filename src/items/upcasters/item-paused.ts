/** `item.paused` through the versions. */
import type { JsonObject } from '../../base/json.ts';
import type { Upcast } from '../../journal/upcast.ts';

/** Schema 1 had the account in the message only, and accounts had no windows: a person had to resume it. */
function waitForPerson(data: JsonObject): JsonObject {
  return { ...data, account: null, until: null };
}

export const itemPaused: readonly Upcast[] = [waitForPerson];
