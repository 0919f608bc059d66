/** Makes texts of any length fit a number of lines: wraps, cuts what is longest, and says that it did. Pure. */
import { visibleLine } from '../base/visible-text.ts';

/** Characters of a line; longer ones count as several. */
export const lineWidth = 80;

/** One paragraph, with how many lines it may have at most when there is room. */
export interface Paragraph {
  text: string;
  most: number;
}

export interface Fitted {
  /** Lines of each paragraph, in order; at least one each. */
  paragraphs: string[][];
  isCut: boolean;
}

/** One line of what somebody else wrote: no line breaks of his own, nothing that hides or steers. */
export function oneLine(text: string): string {
  return visibleLine(text.replaceAll(/\s+/g, ' ').trim());
}

/** At most `most` characters, counted as the strictest reader of limits does; the last of them `…` when there were more. */
export function cutText(text: string, most: number): string {
  return text.length <= most
    ? text
    : `${text
        .slice(0, most - 1)
        .toWellFormed()
        .replace(/\uFFFD$/, '')
        .trimEnd()}…`;
}

/** Every paragraph keeps at least one line; the longest give first. */
export function fitParagraphs(paragraphs: readonly Paragraph[], budget: number): Fitted {
  const wrapped = paragraphs.map(({ text }) => wrapLine(oneLine(text)));
  const taken = wrapped.map((lines, index) => Math.min(lines.length, paragraphs[index]?.most ?? 1));
  while (taken.reduce((sum, count) => sum + count, 0) > budget) {
    const largest = taken.lastIndexOf(Math.max(...taken));
    if ((taken[largest] ?? 1) <= 1) break;
    taken[largest] = (taken[largest] ?? 1) - 1;
  }
  return {
    paragraphs: wrapped.map((lines, index) => cutLines(lines, taken[index] ?? 1)),
    isCut: wrapped.some((lines, index) => lines.length > (taken[index] ?? 1)),
  };
}

function cutLines(lines: readonly string[], count: number): string[] {
  if (lines.length <= count) return [...lines];
  return lines
    .slice(0, count)
    .map((line, at) => (at < count - 1 ? line : `${cutText(line, lineWidth - 2)} …`));
}

/** At least one line. */
export function wrapLine(text: string, width = lineWidth): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((each) => splitWord(each, width))) {
    if (line === '') line = word;
    else if ([...line].length + 1 + [...word].length <= width) line += ` ${word}`;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}

function splitWord(word: string, width: number): string[] {
  const characters = [...word];
  if (characters.length <= width) return [word];
  const pieces: string[] = [];
  for (let at = 0; at < characters.length; at += width)
    pieces.push(characters.slice(at, at + width).join(''));
  return pieces;
}
