/** `${name}` in the texts of a scenario; `$${` stands for a plain `${`. Knows nothing of where the values come from. */
import type { Json } from '../../base/json.ts';

export type Values = ReadonlyMap<string, string>;

const placeholder = /\$(\$\{)|\$\{([a-z][a-z0-9_.]*)\}/g;

/** A name without a value. */
export class MissingValueError extends Error {
  readonly valueName: string;

  constructor(valueName: string) {
    super(`nothing is known under the name ${valueName}`);
    this.valueName = valueName;
  }
}

/** @throws MissingValueError */
export function fillTemplate(
  template: string,
  values: Values,
  adapt: (value: string) => string = (v) => v,
): string {
  return template.replaceAll(placeholder, (_, escaped?: string, name?: string) => {
    if (escaped !== undefined) return escaped;
    const value = values.get(name ?? '');
    if (value === undefined) throw new MissingValueError(name ?? '');
    return adapt(value);
  });
}

/** Templates in every text inside a JSON value; keys stay as they are. @throws MissingValueError */
export function fillJson(value: Json, values: Values): Json {
  if (typeof value === 'string') return fillTemplate(value, values);
  if (Array.isArray(value)) return value.map((inner) => fillJson(inner, values));
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fillJson(inner, values)]));
  }
  return value;
}

/** The pattern with values put in as exact text. @throws MissingValueError */
export function fillPattern(pattern: string, values: Values): string {
  return fillTemplate(pattern, values, (value) => value.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'));
}

export function namesInTemplate(template: string): string[] {
  return [...template.matchAll(placeholder)].flatMap(([, , name]) => (name === undefined ? [] : [name]));
}

export function namesInJson(value: Json): string[] {
  if (typeof value === 'string') return namesInTemplate(value);
  if (value === null || typeof value !== 'object') return [];
  return Object.values(value).flatMap(namesInJson);
}
