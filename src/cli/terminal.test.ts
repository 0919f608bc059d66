import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { createTerminal, printable, printEventLine, table } from './terminal.ts';

function open(options: { isTty: boolean; env?: Record<string, string> }) {
  const out = Object.assign(new PassThrough(), { isTTY: options.isTty, columns: 40 });
  const terminal = createTerminal({
    out: out as unknown as NodeJS.WriteStream,
    err: out as unknown as NodeJS.WriteStream,
    isJson: false,
    env: options.env ?? {},
  });
  return { terminal, read: () => String(out.read() ?? '') };
}

describe('the terminal', () => {
  test('shows control characters of foreign text as question marks and leaves plain colours alone', () => {
    expect(printable('a\u001b]0;title\u0007b\u001b[2Jc\u009bd')).toBe('a?]0;title?b?[2Jc?d');
    expect(printable('\u001b[31mred\u001b[39m\tand\nmore')).toBe('\u001b[31mred\u001b[39m\tand\nmore');
  });

  test('keeps the live line at the bottom, cut to the width, and takes it away', () => {
    const { terminal, read } = open({ isTty: true });
    terminal.live('working '.repeat(10));
    terminal.line('something happened');
    terminal.live('');
    const text = read();
    expect(text).toContain('\r\u001b[2Ksomething happened\n');
    expect(text.split('\n').at(-1)?.replaceAll('\r\u001b[2K', '').length).toBeLessThan(40);
  });

  test('prints plain lines without colour and without a live line elsewhere', () => {
    const { terminal, read } = open({ isTty: false });
    terminal.live('working');
    printEventLine(terminal, { item: 2, mark: 'bad', text: 'verify gate: red', details: ['one', 'two'] });
    expect(read()).toBe('#2  ✗ verify gate: red\n      one\n      two\n');
  });

  test('uses no colour when NO_COLOR is set', () => {
    const { terminal, read } = open({ isTty: true, env: { NO_COLOR: '1' } });
    terminal.line(terminal.style('red', 'x'));
    expect(read()).toBe('x\n');
  });

  test('lines up columns whatever colour they have', () => {
    expect(
      table([
        ['\u001b[31ma\u001b[39m', 'x'],
        ['bbb', 'y'],
      ]),
    ).toEqual(['\u001b[31ma\u001b[39m    x', 'bbb  y']);
  });
});
