/** Reads an agent's words field by field and notes everything that is wrong, so that it is told all of it at once. */
import type { Json, JsonObject } from '../base/json.ts';
import type { TextFields } from './ask-fields.ts';

/** Trimmed texts; what was wrong is the empty string, and a line in `problems`. */
export function readFields<F extends TextFields>(
  given: Json | undefined,
  fields: F,
  where: { path: string; problems: string[] },
): Record<keyof F, string> {
  const { path, problems } = where;
  const input = isObject(given) ? given : {};
  const read = {} as Record<keyof F, string>;
  for (const [name, { about, most, isRequired }] of Object.entries(fields)) {
    const value = input[name];
    const text = typeof value === 'string' ? value.trim() : '';
    read[name as keyof F] = '';
    if (value !== undefined && value !== null && typeof value !== 'string') {
      problems.push(`${path}${name} must be a text: ${about}`);
    } else if (text === '' && isRequired) problems.push(`${path}${name} is missing: ${about}`);
    else if (text.length > most)
      problems.push(`${path}${name} has ${text.length} characters, at most ${most} are read`);
    else read[name as keyof F] = text;
  }
  return read;
}

export function noteUnknown(input: JsonObject, known: readonly string[], problems: string[]): void {
  for (const name of Object.keys(input)) {
    if (!known.includes(name)) problems.push(`there is no field ${JSON.stringify(name)}`);
  }
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
