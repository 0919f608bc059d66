/** `tool.call_intended` through the versions. */
import type { JsonObject } from '../../base/json.ts';
import type { Upcast } from '../../journal/upcast.ts';
import { aboutInput } from '../about-input.ts';

/** Schema 1 (0.1.0) always repeated the input, and had no line about it. */
function sayAbout(data: JsonObject): JsonObject {
  return { ...data, about: aboutInput(data.input ?? null) };
}

export const toolCallIntended: readonly Upcast[] = [sayAbout];
