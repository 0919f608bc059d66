/** An event's data without what people and models wrote: numbers, names of steps, commits and hashes stay, texts become their length. */
import type { Json } from '../../base/json.ts';

/** Whatever is under these keys was written by a person or a model, or is their code. */
const written = new Set([
  'title',
  'criteria',
  'tags',
  'brief',
  'plan',
  'summary',
  'message',
  'text',
  'note',
  'ask',
  'by',
  'to',
  'folder',
  'repository',
  'reply',
  'input',
  'output',
  'findings',
  'checks',
  'seat',
  'about',
]);

/** Ids, hashes, kinds, paths of streams: no blanks, not long. */
const identifier = /^[\w.:/@-]{0,120}$/;

export function withoutContent(value: Json): Json {
  if (typeof value === 'string') return identifier.test(value) ? value : sizeOf(value);
  if (Array.isArray(value)) return value.map(withoutContent);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      written.has(key) ? sizeOf(inner) : withoutContent(inner),
    ]),
  );
}

function sizeOf(value: Json): Json {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value === 'string') return `[${value.length} characters]`;
  return `[${JSON.stringify(value).length} characters of JSON]`;
}
