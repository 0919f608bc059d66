/** What the command line prints: colours and a live line on a terminal, plain lines elsewhere, JSON when asked. */
import { styleText } from 'node:util';
import type { EventLine, Mark } from '../views/describe-event.ts';

export type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow' | 'cyan';

export interface Terminal {
  isInteractive: boolean;
  /** Reading commands print one JSON value instead of text; `run` prints one event a line. */
  isJson: boolean;
  line(text?: string): void;
  json(value: unknown): void;
  /** To standard error. */
  warn(text: string): void;
  /** The line at the bottom that is overwritten; ignored elsewhere than on a terminal. Empty: gone. */
  live(text: string): void;
  style(style: Style, text: string): string;
}

export function createTerminal(options: {
  out: NodeJS.WriteStream;
  err: NodeJS.WriteStream;
  isJson: boolean;
  env: Readonly<Record<string, string | undefined>>;
}): Terminal {
  const { out, err, isJson, env } = options;
  const isInteractive = Boolean(out.isTTY) && !isJson && env.CI !== 'true' && env.TERM !== 'dumb';
  const hasColour = Boolean(out.isTTY) && !isJson && !env.NO_COLOR && env.TERM !== 'dumb';
  let live = '';
  const clear = () => {
    if (live !== '') out.write('\r\u001b[2K');
  };
  const write = (text: string) => {
    clear();
    out.write(`${text}\n`);
    if (live !== '') out.write(live);
  };
  return {
    isInteractive,
    isJson,
    line: (text = '') => write(printable(text)),
    json: (value) => write(JSON.stringify(value, null, isJson ? 2 : undefined)),
    warn(text) {
      clear();
      err.write(`${printable(text)}\n`);
      if (live !== '') out.write(live);
    },
    live(text) {
      if (!isInteractive) return;
      clear();
      live = text === '' ? '' : printable(text).slice(0, Math.max(20, (out.columns ?? 80) - 1));
      if (live !== '') out.write(live);
    },
    style: (style, text) => (hasColour ? styleText(style, text, { validateStream: false }) : text),
  };
}

const marks: Readonly<Record<Mark, { sign: string; style: Style }>> = {
  good: { sign: '✓', style: 'green' },
  bad: { sign: '✗', style: 'red' },
  work: { sign: '·', style: 'dim' },
  wait: { sign: '!', style: 'yellow' },
  note: { sign: '–', style: 'dim' },
};

const maxDetailLines = 12;

/** `#2 ✗ verify gate: 2 of 43 tests failed`, with its details indented below. */
export function printEventLine(terminal: Terminal, line: EventLine): void {
  const { sign, style } = marks[line.mark];
  const item = line.item === null ? '  ' : `#${line.item}`;
  const text = line.mark === 'wait' ? terminal.style('bold', line.text) : line.text;
  terminal.line(`${terminal.style('cyan', item.padEnd(3))} ${terminal.style(style, sign)} ${text}`);
  const details = line.details.flatMap((detail) => detail.split('\n'));
  for (const detail of details.slice(0, maxDetailLines))
    terminal.line(`      ${terminal.style('dim', detail)}`);
  if (details.length > maxDetailLines) {
    terminal.line(
      terminal.style(
        'dim',
        `      … ${details.length - maxDetailLines} more lines; meshwright show ${line.item ?? ''}`,
      ),
    );
  }
}

/** Text of agents and files must not steer the terminal: control characters other than newline, tab and our own colours are shown as `?`. */
export function printable(text: string): string {
  return text.replaceAll(unsafe, '?');
}

const escapeCharacter = String.fromCharCode(27);
/** C0 and C1 controls; an escape is left alone only where it begins a plain colour sequence. */
const unsafe = new RegExp(
  `(?!${escapeCharacter}\\[\\d{1,3}(?:;\\d{1,3})*m)[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f]`,
  'g',
);

/** Columns padded to the widest cell; the last one is left as it is. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries())
      widths[index] = Math.max(widths[index] ?? 0, visibleLength(cell));
  }
  return rows.map((row) =>
    row
      .map((cell, index) =>
        index === row.length - 1 ? cell : cell + ' '.repeat((widths[index] ?? 0) - visibleLength(cell)),
      )
      .join('  ')
      .trimEnd(),
  );
}

function visibleLength(text: string): number {
  return text.replaceAll(new RegExp(`${escapeCharacter}\\[[\\d;]*m`, 'g'), '').length;
}
