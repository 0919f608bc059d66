/** How the kind of a question is written: `Requirement ambiguity` and `requirement-ambiguity` are `requirement_ambiguity`. */
import type { QuestionKind } from './stakeholders.ts';

/** Null: it is no kind. */
export function readKind(text: string): QuestionKind | null {
  const kind = text
    .trim()
    .toLowerCase()
    .replace(/[\s_-]+/g, '_');
  return /^[a-z][a-z0-9_]{0,79}$/.test(kind) ? kind : null;
}
