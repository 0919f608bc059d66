/** JSON that others wrote: bounded in depth, and made storable, so that the tape and the provider are told the same. Pure. */
import { type Json, storableJson } from '../../base/json.ts';

/** Levels of lists and objects; a tool's schema is the deepest thing that an honest client sends. */
const deepest = 100;

export type BoundedJson = { ok: true; value: Json } | { ok: false; message: string };

export function parseBoundedJson(text: string): BoundedJson {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    return { ok: false, message: 'is not JSON' };
  }
  if (isTooDeep(value)) return { ok: false, message: `is nested more than ${deepest} levels deep` };
  return { ok: true, value: storableJson(value) };
}

/** Without recursion: the depth is what is in question. */
function isTooDeep(value: Json): boolean {
  let level: Json[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > deepest) return true;
    level = level.flatMap((each) => (each !== null && typeof each === 'object' ? Object.values(each) : []));
  }
  return false;
}
