/** What a role must never hand in, as `mesh.never` says it: known lints by name, and a person's own patterns. */
import { suggestWord } from '../yaml/yaml-shape.ts';

export type OutputLint =
  | { kind: 'code_in_output' }
  | { kind: 'todo_in_output' }
  /** A regular expression, matched line by line. */
  | { kind: 'pattern'; name: string; pattern: string; message: string };

const knownLints = ['code_in_output', 'todo_in_output'] as const;

export type WrittenLint = string | { name: string; pattern: string; message: string };

/** A sentence instead of a lint when there is none such. */
export function readLint(written: WrittenLint): OutputLint | string {
  if (typeof written === 'string') {
    const kind = knownLints.find((name) => name === written);
    const others = suggestWord(written, knownLints) || `; there are: ${knownLints.join(', ')}`;
    return kind === undefined ? `there is no output lint \`${written}\`${others}` : { kind };
  }
  try {
    new RegExp(written.pattern, 'u');
  } catch {
    return `the pattern of \`${written.name}\` is no regular expression`;
  }
  return { kind: 'pattern', ...written };
}
