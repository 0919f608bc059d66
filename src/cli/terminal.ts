/**
 * What the command line prints: colours and a live line on a terminal, plain lines elsewhere, JSON when asked. The only
 * place that writes to standard output, so that text of agents, files and providers is made visible here once.
 */
import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import { visibleJson, visibleLine, visibleText } from '../base/visible-text.ts';
import type { EventLine, Mark } from '../views/event-line.ts';

export type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow' | 'cyan';

export interface Terminal {
  isInteractive: boolean;
  /** Reading commands print one JSON value instead of text; `run` prints one event a line. */
  isJson: boolean;
  /** One line: a newline in the text is spelled out. */
  line(text?: string): void;
  json(value: unknown): void;
  /** For streams of values: one a line. */
  jsonLine(value: unknown): void;
  /** To standard error; may have several lines. */
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
  /** All text passes it. */
  redact?: (text: string) => string;
}): Terminal {
  const { out, err, isJson, env, redact = (text) => text } = options;
  const isInteractive = Boolean(out.isTTY) && !isJson && env.CI !== 'true' && env.TERM !== 'dumb';
  const hasColour = Boolean(out.isTTY) && !isJson && !env.NO_COLOR && env.TERM !== 'dumb';
  const colours = createColours(hasColour);
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
    line: (text = '') => write(colours.render(text, (part) => visibleLine(redact(part)))),
    json: (value) => write(visibleJson(redact(JSON.stringify(value, null, isJson ? 2 : undefined)))),
    jsonLine: (value) => write(visibleJson(redact(JSON.stringify(value)))),
    warn(text) {
      clear();
      err.write(`${colours.render(text, (part) => visibleText(redact(part)))}\n`);
      if (live !== '') out.write(live);
    },
    live(text) {
      if (!isInteractive) return;
      clear();
      live = text === '' ? '' : visibleLine(redact(text)).slice(0, Math.max(20, (out.columns ?? 80) - 1));
      if (live !== '') out.write(live);
    },
    style: colours.mark,
  };
}

/**
 * Our own colours travel through the text as marks with a word that nobody else knows and become sequences only when
 * the rest has been made visible: a colour sequence in the text of an agent is never taken for ours.
 */
function createColours(isOn: boolean): {
  mark(style: Style, text: string): string;
  render(text: string, show: (text: string) => string): string;
} {
  const word = randomUUID();
  const marks = new RegExp(`(\ufdd0${word} [a-z]+ [01]\ufdd1)`);
  const markOf = (style: Style, at: 0 | 1) => `\ufdd0${word} ${style} ${at}\ufdd1`;
  const sequenceOf = (mark: string): string => {
    const [, style = '', at] = mark.slice(1, -1).split(' ');
    return `${escapeCharacter}[${inspect.colors[style]?.[at === '0' ? 0 : 1] ?? 0}m`;
  };
  return {
    mark: (style, text) => (isOn ? `${markOf(style, 0)}${text}${markOf(style, 1)}` : text),
    render: (text, show) =>
      text
        .split(marks)
        .map((part, index) => (index % 2 === 1 ? sequenceOf(part) : show(part)))
        .join(''),
  };
}

const escapeCharacter = String.fromCharCode(27);

const marks: Readonly<Record<Mark, { sign: string; style: Style }>> = {
  good: { sign: '✓', style: 'green' },
  bad: { sign: '✗', style: 'red' },
  work: { sign: '·', style: 'dim' },
  wait: { sign: '!', style: 'yellow' },
  note: { sign: '–', style: 'dim' },
  ask: { sign: '?', style: 'yellow' },
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
  return visibleLine(text.replaceAll(anyMark, '')).length;
}

const anyMark = /\ufdd0[^\ufdd0\ufdd1]*\ufdd1/g;
