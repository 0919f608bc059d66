/**
 * Takes known secrets out of text and says which are in it: as they are, in Base64 (any alignment, both alphabets), hex,
 * percent-encoding, JSON and C escapes, HTML entities, each also with line breaks in between. A net for what happens by
 * accident: whoever transforms a value in another way gets it past. Looks for nothing that it was not told.
 */
import { type Json, mapTexts } from '../base/json.ts';
import {
  type ByteView,
  decodeEscapes,
  type EscapeSyntax,
  escapeMarkers,
  escapeSyntaxes,
  viewText,
} from './decode-escapes.ts';
import { compilePatterns, type Pattern, type PatternSearch, type Span } from './pattern-search.ts';
import { placeholderOf, placeholders, type Secret, shortestSecret } from './secret.ts';

export interface Redactor {
  /** It knows no secret: nothing need be looked at. */
  readonly isEmpty: boolean;
  /** Secrets replaced by `[secret:NAME]`. What is redacted already stays as it is. */
  redact(text: string): string;
  /** Names of the secrets inside, sorted; of bytes in any encoding that keeps ASCII. */
  find(data: string | Uint8Array): string[];
  /** Every text in a JSON value redacted by itself, keys too. The very value where nothing is found. */
  redactJson<T>(value: T): T;
}

export const noSecrets: Redactor = {
  isEmpty: true,
  redact: (text) => text,
  find: () => [],
  redactJson: (value) => value,
};

/** Shorter values than a secret may have are ignored. */
export function createRedactor(secrets: readonly Secret[]): Redactor {
  const known = secrets.filter(({ value }) => Buffer.byteLength(value) >= shortestSecret);
  if (known.length === 0) return noSecrets;
  const findSpans = compileSearch(known);
  const redactPiece = (piece: string) => replaceSpans(piece, mergeSpans(findSpans(viewText(piece))));
  const redact = (text: string) => {
    if (text.length < shortestSecret) return text;
    // A placeholder is never looked into: it may contain the value of another secret.
    return text.includes('[secret:')
      ? text
          .split(placeholders)
          .map((piece, index) => (index % 2 === 1 ? piece : redactPiece(piece)))
          .join('')
      : redactPiece(text);
  };
  return {
    isEmpty: false,
    redact,
    find: (data) => {
      const views =
        typeof data === 'string'
          ? data
              .split(placeholders)
              .filter((_, index) => index % 2 === 0)
              .map(viewText)
          : [{ bytes: data, places: null }];
      return [...new Set(views.flatMap(findSpans).map(({ name }) => name))].sort();
    },
    redactJson: (value) => mapTexts(value as Json, redact) as typeof value,
  };
}

/** Spans are in places of the text. */
function compileSearch(secrets: readonly Secret[]): (view: ByteView) => Span[] {
  const plain = compilePatterns(secrets.flatMap(plainPatterns));
  const base64 = compilePatterns(secrets.flatMap(base64Patterns), foldBase64);
  const hex = compilePatterns(secrets.flatMap(hexPatterns), foldHex);
  const searches = [plain, base64, hex];
  // A value that itself looks escaped may be escaped in one way only; all ways at once would then undo too much.
  const isEscapeLike = secrets.some(({ value }) => escapeMarkers.test(value));
  const ways: readonly EscapeSyntax[][] = [
    escapeSyntaxes,
    ...(isEscapeLike ? escapeSyntaxes.map((syntax) => [syntax]) : []),
  ];
  return (view) => [
    ...searchView(searches, view),
    ...ways.flatMap((way) => {
      const once = decodeEscapes(view, way);
      // JSON in JSON: twice.
      const twice = once && decodeEscapes(once, way);
      return [once, twice].flatMap((each) => (each ? searchView(searches, each) : []));
    }),
  ];
}

function searchView(searches: readonly PatternSearch[], { bytes, places }: ByteView): Span[] {
  const found = searches.flatMap((search) => search.find(bytes));
  if (places === null) return found;
  return found.map(({ name, start, end }) => ({
    name,
    start: places.starts[start] ?? 0,
    end: places.ends[end - 1] ?? 0,
  }));
}

/** Of a value of several lines each long line is a secret too: tools show lines alone. */
function plainPatterns({ name, value }: Secret): Pattern[] {
  const lines = value.split(/\r?\n/);
  const parts =
    lines.length === 1 ? [] : lines.filter((line) => line.length >= 16 && !line.startsWith('-----'));
  return [value, value.replaceAll(' ', '+'), ...parts].map((text) => ({ name, bytes: Buffer.from(text) }));
}

/** What Base64 makes of the bytes wherever they stand in something longer: three alignments, without the shared ends. */
function base64Patterns({ name, value }: Secret): Pattern[] {
  const bytes = Buffer.from(value);
  return [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    const run = text.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
    return { name, bytes: Buffer.from(run) };
  });
}

function hexPatterns({ name, value }: Secret): Pattern[] {
  return [{ name, bytes: Buffer.from(Buffer.from(value).toString('hex')) }];
}

/** Space, tab, line feed, vertical tab, form feed, carriage return. */
const isBlank = (byte: number) => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);

/** Wrapped lines count as one, and the URL-safe alphabet as the standard one. */
function foldBase64(byte: number): number | null {
  if (isBlank(byte)) return null;
  if (byte === 0x2d) return 0x2b;
  return byte === 0x5f ? 0x2f : byte;
}

/** Wrapped lines, `ab cd` and `ab:cd` count as one, and upper case as lower case. */
function foldHex(byte: number): number | null {
  if (isBlank(byte) || byte === 0x3a) return null;
  return byte >= 0x41 && byte <= 0x46 ? byte + 0x20 : byte;
}

/** In order and apart; where secrets overlap, under the name of the longest. */
function mergeSpans(spans: Span[]): Span[] {
  const merged: (Span & { longest: number })[] = [];
  for (const span of spans.sort((a, b) => a.start - b.start || b.end - a.end)) {
    const last = merged.at(-1);
    const length = span.end - span.start;
    if (last === undefined || span.start >= last.end) {
      merged.push({ ...span, longest: length });
      continue;
    }
    last.end = Math.max(last.end, span.end);
    if (length > last.longest) Object.assign(last, { name: span.name, longest: length });
  }
  return merged;
}

function replaceSpans(text: string, spans: readonly Span[]): string {
  if (spans.length === 0) return text;
  let clean = '';
  let at = 0;
  for (const { name, start, end } of spans) {
    clean += text.slice(at, start) + placeholderOf(name);
    at = end;
  }
  return clean + text.slice(at);
}
