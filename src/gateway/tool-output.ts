/** What a tool's result looks like to a model: plain text, cut in the middle when it is long. */
import { storableText } from '../base/json.ts';
import type { ExecResult } from '../cells/cell.ts';

export interface ToolOutput {
  output: string;
  isError: boolean;
}

export function done(output: string): ToolOutput {
  return { output, isError: false };
}

export function problem(output: string): ToolOutput {
  return { output, isError: true };
}

/** About 8,000 tokens: what a model can still use of one result. */
const longestOutput = 30_000;

/** Keeps the beginning and (twice as much of) the end, where test runners say what failed. */
export function cutMiddle(text: string, limit = longestOutput): string {
  const clean = storableText(text);
  if (clean.length <= limit) return clean;
  const head = Math.floor(limit / 3);
  const tail = limit - head;
  const cut = clean.length - head - tail;
  return `${storableText(clean.slice(0, head))}\n… ${cut} characters left out …\n${storableText(clean.slice(-tail))}`;
}

/** First line: how it ended. Then stdout; then stderr under its own heading. */
export function describeExec(result: ExecResult): string {
  const lines = [endingOf(result)];
  if (result.isTruncated) lines.push('(output was longer than the limit; its middle is missing)');
  if (result.stdout !== '') lines.push(cutMiddle(result.stdout));
  if (result.stderr !== '') lines.push('stderr:', cutMiddle(result.stderr));
  return lines.join('\n');
}

function endingOf(result: ExecResult): string {
  const seconds = (result.durationMs / 1000).toFixed(1);
  if (result.isTimedOut) return `stopped after ${seconds} s: it took longer than allowed`;
  if (result.exitCode === null) return `killed by signal ${result.signal ?? 'unknown'}`;
  return `exit code ${result.exitCode}`;
}

/** Lines `offset`… (from 1), at most `limit`, with a note of what is left. */
export function sliceLines(text: string, offset: number, limit: number): string {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const from = offset - 1;
  if (from >= lines.length && from > 0) return `(the file has ${lines.length} lines)`;
  const end = Math.min(lines.length, from + limit);
  const part = lines.slice(from, end).join('\n');
  const isWhole = from === 0 && end === lines.length;
  return isWhole ? cutMiddle(text) : `${cutMiddle(part)}\n(lines ${offset}–${end} of ${lines.length})`;
}
