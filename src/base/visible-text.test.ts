import { describe, expect, it } from 'vitest';
import { formatDiagnostic } from '../yaml/diagnostic.ts';
import { visibleJson, visibleLine, visibleText } from './visible-text.ts';

const csi = '\u001b[2J';
const clipboard = '\u001b]52;c;aGk=\u0007';
const hidden = `${csi}${clipboard}\u009b31m\u0000\u007f\r\b\u202ecod\u2066x\u2069\u2028\u2029\u200b\ufeff\u{e0041}\ud800`;
const forbidden = /(?![\n\t])[\p{Cc}\p{Cs}\u200b\u2028-\u202e\u2066-\u2069\ufeff\u{e0000}-\u{e007f}]/u;

describe('text of others', () => {
  it('is shown with every control, override and invisible character spelled out', () => {
    expect(visibleText(hidden)).toBe(
      '\\x1b[2J\\x1b]52;c;aGk=\\x07\\x9b31m\\x00\\x7f\\x0d\\x08\\u202ecod\\u2066x\\u2069\\u2028\\u2029\\u200b\\ufeff\\u{e0041}\\ud800',
    );
    expect(visibleText(hidden)).not.toMatch(forbidden);
  });

  it('keeps its newlines and tabs, and every letter of every script', () => {
    const honest = 'a\tb\nžluťoučký कुत्ता 👩‍💻 می‌خواهم עברית';
    expect(visibleText(honest)).toBe(honest);
  });

  it('stays on its one line where it has only one', () => {
    expect(visibleLine('done\n#2 ✓ LANDED\r\nx\ty')).toBe('done\\n#2 ✓ LANDED\\x0d\\nx\ty');
  });

  it('stays on its one line in a diagnostic', () => {
    const diagnostic = {
      severity: 'error',
      file: 'a\nb',
      line: 1,
      col: 2,
      message: 'no\nc.yaml:1:1 fine',
    } as const;
    expect(formatDiagnostic(diagnostic)).toBe('a\\nb:1:2 no\\nc.yaml:1:1 fine');
  });

  it('keeps its value as JSON', () => {
    const value = { [`k${csi}`]: hidden, list: ['a\nb'] };
    const shown = visibleJson(JSON.stringify(value, null, 2));
    expect(shown).not.toMatch(forbidden);
    expect(JSON.parse(shown)).toEqual(value);
  });
});
