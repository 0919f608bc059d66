/**
 * Text of others (agents, files, checks, providers) as it may be shown: whatever would steer a terminal, hide itself or
 * turn the direction of reading is spelled out as `\x1b` or `\u202e`. Changes what is shown, never what is stored.
 */

/** Newlines and tabs stay; everything else that acts instead of being seen is spelled out. */
export function visibleText(text: string): string {
  return text.replaceAll(unseen, (character) => (keptInText.has(character) ? character : spell(character)));
}

/** As visibleText, for what has one line: a newline is spelled out too, so that nobody can add lines of his own. */
export function visibleLine(text: string): string {
  return text.replaceAll(unseen, (character) => (character === '\t' ? character : spell(character)));
}

/** JSON text with the same characters as JSON escapes: the value is the same, and the text can be shown. */
export function visibleJson(json: string): string {
  return json.replaceAll(unseen, (character) =>
    keptInText.has(character)
      ? character
      : [...Array(character.length).keys()].map((at) => `\\u${hex(character.charCodeAt(at), 4)}`).join(''),
  );
}

const keptInText: ReadonlySet<string> = new Set(['\n', '\t']);

/**
 * Controls (C0, DEL, C1), line and paragraph separators, direction marks and overrides, characters without width that
 * no script needs, tags, halves of surrogate pairs. The joiners U+200C and U+200D stay: Persian and emoji need them.
 */
const unseen =
  /[\p{Cc}\u2028\u2029\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}\p{Cs}]/gu;

function spell(character: string): string {
  if (character === '\n') return '\\n';
  if (character === '\t') return '\\t';
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x100) return `\\x${hex(code, 2)}`;
  return code > 0xffff ? `\\u{${hex(code, 1)}}` : `\\u${hex(code, 4)}`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}
