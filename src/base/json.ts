/** JSON as the journal stores it: canonical text (RFC 8785), and the refusal of what PostgreSQL cannot hold. */
import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** RFC 8785 text: sorted keys, one spelling per number. @throws TypeError for values that are not JSON. */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('value has no JSON form');
  return text;
}

/** Lower-case hex. */
export function sha256Hex(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** Hash of a JSON value, independent of key order: identity of compiled teams, policies, tool calls. */
export function hashJson(value: unknown): string {
  return sha256Hex(canonicalJson(value));
}

/** The first place in `value` with a NUL or a lone surrogate (neither storable as jsonb), as `$.a[0]`; else undefined. */
export function findUnstorableText(value: unknown): string | undefined {
  // Every event passes here, and nearly none has such a place: paths are spelt only for one that has.
  return isStorable(value) ? undefined : findPlace(value, '$');
}

function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return isStorableText(value);
  if (value === null || typeof value !== 'object') return true;
  if (Array.isArray(value)) return value.every((inner) => isStorable(inner));
  const record = value as Record<string, unknown>;
  return Object.keys(record).every((key) => isStorableText(key) && isStorable(record[key]));
}

function isStorableText(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

function findPlace(value: unknown, path: string): string | undefined {
  if (typeof value === 'string') return isStorableText(value) ? undefined : path;
  if (Array.isArray(value)) {
    for (const [index, inner] of value.entries()) {
      const found = findPlace(inner, `${path}[${index}]`);
      if (found) return found;
    }
    return undefined;
  }
  if (value !== null && typeof value === 'object') {
    for (const [key, inner] of Object.entries(value)) {
      const found = findPlace(key, `${path} (key)`) ?? findPlace(inner, `${path}.${key}`);
      if (found) return found;
    }
  }
  return undefined;
}

/** Replaces what cannot be stored by U+FFFD; for text that comes from outside (models, processes, files). */
export function storableText(text: string): string {
  return text.replaceAll('\0', '\uFFFD').toWellFormed();
}

/** The same JSON value with every text and key in it storable. */
export function storableJson(value: Json): Json {
  return isStorable(value) ? value : mapTexts(value, storableText);
}

/** A JSON value with every text and key in it changed; the very value where that changes nothing. */
export function mapTexts(value: Json, change: (text: string) => string): Json {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) {
    const mapped = value.map((each) => mapTexts(each, change));
    return mapped.every((each, index) => each === value[index]) ? value : mapped;
  }
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value);
  const mapped = entries.map(([key, inner]) => [change(key), mapTexts(inner, change)] as const);
  const isSame = mapped.every(
    ([key, inner], index) => key === entries[index]?.[0] && inner === entries[index]?.[1],
  );
  return isSame ? value : Object.fromEntries(mapped);
}

/** False for what every object answers to (`constructor`, `__proto__`): a record keyed by names would find it unasked. */
export function isOwnName(name: string): boolean {
  return !(name in Object.prototype);
}
