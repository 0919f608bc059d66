import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { createTerminal, printEventLine, table } from './terminal.ts';

function open(options: { isTty: boolean; env?: Record<string, string>; redact?: (text: string) => string }) {
  const out = Object.assign(new PassThrough(), { isTTY: options.isTty, columns: 40 });
  const terminal = createTerminal({
    out: out as unknown as NodeJS.WriteStream,
    err: out as unknown as NodeJS.WriteStream,
    isJson: false,
    env: options.env ?? {},
    ...(options.redact && { redact: options.redact }),
  });
  return { terminal, read: () => String(out.read() ?? '') };
}

describe('the terminal', () => {
  test('prints nothing that its redactor takes out, in whatever way it prints', () => {
    const { terminal, read } = open({ isTty: true, redact: (text) => text.replaceAll('hidden', '[out]') });
    terminal.line(`a ${terminal.style('red', 'hidden')}`);
    terminal.warn('hidden');
    terminal.json({ text: 'hidden' });
    terminal.jsonLine(['hidden']);
    terminal.live('hidden');
    const printed = read();
    expect(printed).not.toContain('hidden');
    expect(printed.split('[out]')).toHaveLength(6);
  });

  test('spells out the control characters of others, their colours and their newlines too, and keeps its own colours', () => {
    const { terminal, read } = open({ isTty: true });
    terminal.line(
      `${terminal.style('red', 'ours')} a\u001b]0;title\u0007b\u009bd \u001b[32mtheirs\u001b[39m\n#2 ✓ LANDED`,
    );
    expect(read()).toBe(
      '\u001b[31mours\u001b[39m a\\x1b]0;title\\x07b\\x9bd \\x1b[32mtheirs\\x1b[39m\\n#2 ✓ LANDED\n',
    );
    terminal.line('\ufdd0w red 0\ufdd1not ours');
    expect(read()).toBe('\ufdd0w red 0\ufdd1not ours\n');
    terminal.warn('first\u001b[2J\nsecond');
    expect(read()).toBe('first\\x1b[2J\nsecond\n');
    terminal.jsonLine({ text: 'a\u001b\u202e\u009b' });
    expect(read()).toBe('{"text":"a\\u001b\\u202e\\u009b"}\n');
    terminal.live('working\u001b[2J on\n it');
    expect(read()).toBe('working\\x1b[2J on\\n it');
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
    const { terminal, read } = open({ isTty: true });
    const rows = table([
      [terminal.style('red', 'a'), 'x'],
      ['bbb', 'y'],
    ]);
    for (const row of rows) terminal.line(row);
    expect(read()).toBe('\u001b[31ma\u001b[39m    x\nbbb  y\n');
  });
});
