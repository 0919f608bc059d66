/**
 * Text as its bytes mean it once escapes are undone: percent-encoding, JSON and C escapes, HTML entities. Every byte keeps the
 * place that it came from. Decodes what is there, partly escaped or not, and never fails.
 */

/** Bytes of UTF-8 with the places they came from. */
export interface ByteView {
  bytes: Uint8Array;
  /** Place of byte i: from `starts[i]` up to `ends[i]`; null: i itself. */
  places: { starts: Int32Array; ends: Int32Array } | null;
}

export type EscapeSyntax = 'percent' | 'backslash' | 'entity';

const markers: Readonly<Record<EscapeSyntax, number>> = { percent: 0x25, backslash: 0x5c, entity: 0x26 };
export const escapeSyntaxes = Object.keys(markers) as EscapeSyntax[];
export const escapeMarkers = /[%\\&]/;

/** Places are those of UTF-16 units. */
export function viewText(text: string): ByteView {
  const bytes = Buffer.from(text);
  // One unit, one byte.
  if (bytes.length === text.length) return { bytes, places: null };
  const starts = new Int32Array(bytes.length);
  const ends = new Int32Array(bytes.length);
  let at = 0;
  for (let unit = 0; unit < text.length; ) {
    const code = text.codePointAt(unit) ?? 0;
    const units = code > 0xffff ? 2 : 1;
    const length = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    starts.fill(unit, at, at + length);
    ends.fill(unit + units, at, at + length);
    at += length;
    unit += units;
  }
  return { bytes, places: { starts, ends } };
}

/** Null when there is nothing to undo. */
export function decodeEscapes(view: ByteView, syntaxes: readonly EscapeSyntax[]): ByteView | null {
  const { bytes, places } = view;
  if (!syntaxes.some((syntax) => bytes.includes(markers[syntax]))) return null;
  const isMarker = new Set(syntaxes.map((syntax) => markers[syntax]));
  const decoded = new Uint8Array(bytes.length);
  const starts = new Int32Array(bytes.length);
  const ends = new Int32Array(bytes.length);
  let count = 0;
  let hasEscape = false;
  const put = (byte: number, from: number, to: number) => {
    decoded[count] = byte;
    starts[count] = places?.starts[from] ?? from;
    ends[count] = places?.ends[to - 1] ?? to;
    count += 1;
  };
  for (let at = 0; at < bytes.length; ) {
    const byte = bytes[at] as number;
    const found = isMarker.has(byte) ? readEscape(bytes, at) : null;
    if (found === null) {
      put(byte, at, at + 1);
      at += 1;
      continue;
    }
    hasEscape = true;
    // An escape is never shorter than the UTF-8 of what it means.
    for (const each of found.bytes) put(each, at, at + found.length);
    at += found.length;
  }
  if (!hasEscape) return null;
  return {
    bytes: decoded.subarray(0, count),
    places: { starts: starts.subarray(0, count), ends: ends.subarray(0, count) },
  };
}

interface Escape {
  bytes: Uint8Array | readonly number[];
  /** In bytes of the escaped form. */
  length: number;
}

/** Characters of the longest escape: a pair of surrogates, `\ud83d\ude00`. */
const longestEscape = 12;

function readEscape(bytes: Uint8Array, at: number): Escape | null {
  const text = Buffer.from(bytes.subarray(at, at + longestEscape)).toString('latin1');
  switch (bytes[at]) {
    case markers.percent: {
      const match = /^%([0-9a-f]{2})/i.exec(text);
      return match ? { bytes: [Number.parseInt(match[1] ?? '', 16)], length: 3 } : null;
    }
    case markers.backslash:
      return readBackslash(text);
    default:
      return readEntity(text);
  }
}

const letters: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', '0': '\0' };

function readBackslash(text: string): Escape | null {
  const pair = /^\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})/i.exec(text);
  if (pair) {
    const units = [pair[1], pair[2]].map((unit) => Number.parseInt(unit ?? '', 16));
    return { bytes: Buffer.from(String.fromCharCode(...units)), length: 12 };
  }
  const unit = /^\\u([0-9a-f]{4})/i.exec(text);
  if (unit) return { bytes: Buffer.from(String.fromCharCode(Number.parseInt(unit[1] ?? '', 16))), length: 6 };
  const byte = /^\\x([0-9a-f]{2})/i.exec(text);
  if (byte) return { bytes: [Number.parseInt(byte[1] ?? '', 16)], length: 4 };
  const letter = text[1];
  if (letter === undefined || !/[\\"'/`$ntrbf0]/.test(letter)) return null;
  return { bytes: Buffer.from(letters[letter] ?? letter), length: 2 };
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function readEntity(text: string): Escape | null {
  const match = /^&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(amp|lt|gt|quot|apos));/i.exec(text);
  if (!match) return null;
  const [whole, decimal, hex, name] = match;
  if (name !== undefined)
    return { bytes: Buffer.from(entities[name.toLowerCase()] ?? ''), length: whole.length };
  const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
  if (code > 0x10ffff) return null;
  return { bytes: Buffer.from(String.fromCodePoint(code)), length: whole.length };
}
