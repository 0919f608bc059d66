/** Where two texts part, short enough to be read. Pure. */

export interface TextDifference {
  /** Of the first line that differs, from 1. */
  line: number;
  /** What stood there, and what stands there now; empty: nothing. */
  was: string[];
  is: string[];
}

const mostLines = 3;
const longestLine = 160;

/** Null: they are the same. */
export function firstDifference(was: string, is: string): TextDifference | null {
  if (was === is) return null;
  const before = was.split('\n');
  const after = is.split('\n');
  const most = Math.max(before.length, after.length);
  let index = 0;
  while (index < most && before[index] === after[index]) index += 1;
  // Lines are shown up to where the two run together again, so that one that was put in does not look like all that follow.
  const gap = findMeeting(before, after, index);
  return {
    line: index + 1,
    was: shorten(before.slice(index, index + gap.was)),
    is: shorten(after.slice(index, index + gap.is)),
  };
}

/** How many lines each has of its own before both have the same line again. */
function findMeeting(before: string[], after: string[], from: number): { was: number; is: number } {
  for (let own = 0; own <= mostLines; own += 1) {
    for (let other = 0; other <= own; other += 1) {
      if (meet(before, from + own, after, from + other)) return { was: own, is: other };
      if (meet(before, from + other, after, from + own)) return { was: other, is: own };
    }
  }
  return { was: mostLines, is: mostLines };
}

/** An empty line says too little by itself. */
function meet(left: string[], at: number, right: string[], there: number): boolean {
  const line = left[at];
  if (line === undefined || line !== right[there]) return false;
  return line.trim() !== '' || left[at + 1] === right[there + 1];
}

function shorten(lines: string[]): string[] {
  return lines
    .slice(0, mostLines)
    .map((line) => (line.length > longestLine ? `${line.slice(0, longestLine - 1).toWellFormed()}…` : line));
}
