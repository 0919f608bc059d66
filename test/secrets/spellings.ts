/** The forms in which a value travels, written by means of others than the redactor's: what a test plants and then looks for. */

export interface Spelling {
  form: string;
  text: string;
}

/** Every listed form of a value. */
export function spellingsOf(value: string): Spelling[] {
  const bytes = Buffer.from(value);
  const hex = bytes.toString('hex');
  const aligned = ['', 'x', 'xy'].map((before) => Buffer.from(`${before}${value}`).toString('base64'));
  return [
    { form: 'raw', text: value },
    ...aligned.map((text, offset) => ({ form: `base64 at ${offset}`, text })),
    { form: 'base64 without padding', text: bytes.toString('base64').replace(/=+$/, '') },
    { form: 'base64url', text: bytes.toString('base64url') },
    { form: 'base64 of a credential', text: Buffer.from(`user:${value}`).toString('base64') },
    { form: 'base64 in short lines', text: wrap(bytes.toString('base64'), 8) },
    {
      form: 'base64 in the lines of -w76',
      text: wrap(Buffer.from(`${'p'.repeat(47)}${value}`).toString('base64'), 76),
    },
    { form: 'hex', text: hex },
    { form: 'HEX', text: hex.toUpperCase() },
    { form: 'hEx', text: [...hex].map((each, at) => (at % 3 === 0 ? each.toUpperCase() : each)).join('') },
    { form: 'hex in lines', text: wrap(hex, 10) },
    { form: 'hex with colons', text: hex.replaceAll(/..(?=.)/g, '$&:') },
    { form: 'percent', text: encodeURIComponent(value) },
    { form: 'percent everywhere', text: hex.replaceAll(/../g, '%$&') },
    { form: 'PERCENT everywhere', text: hex.toUpperCase().replaceAll(/../g, '%$&') },
    { form: 'percent here and there', text: someEscaped(value) },
    { form: 'JSON', text: JSON.stringify(value).slice(1, -1) },
    { form: 'JSON in JSON', text: JSON.stringify(JSON.stringify(value)).slice(3, -3) },
    { form: 'JSON, all escaped', text: unicodeEscapes(value) },
    { form: 'C', text: hex.replaceAll(/../g, '\\x$&') },
    { form: 'XML', text: value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;') },
    { form: 'entities', text: [...value].map((each) => `&#${each.codePointAt(0)};`).join('') },
  ];
}

function wrap(text: string, width: number): string {
  return text.replaceAll(new RegExp(`.{${width}}(?=.)`, 'g'), '$&\n');
}

/** ASCII letters and digits too, but not all of them. */
function someEscaped(value: string): string {
  return [...value]
    .map((each, at) =>
      at % 2 === 0 || each === '%'
        ? [...Buffer.from(each)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
        : each,
    )
    .join('');
}

function unicodeEscapes(value: string): string {
  return value
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}
