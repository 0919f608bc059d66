/** `item.resumed` through the versions. */
import type { JsonObject } from '../../base/json.ts';
import type { Upcast } from '../../journal/upcast.ts';

/** Schema 1 knew no other ceiling to raise than the item's. */
function raiseTheItem(data: JsonObject): JsonObject {
  return { ...data, account: null };
}

export const itemResumed: readonly Upcast[] = [raiseTheItem];
