/**
 * What a YAML file for people never needs and a bomb does: looked for in the stream of tokens, before anything is built
 * of it. Linear in the text; knows nothing of what the file means.
 */
import { CST, Lexer, Parser } from 'yaml';

/** Nesting of lists and mappings. The deepest file of this product has about ten levels. */
export const maxDepth = 100;
/** `*name`. */
export const maxAliases = 200;
/** Keys and values. The largest file of this product has some thousand. */
export const maxScalars = 20_000;
/** Of the problems of one file; who has more wants to see the first ones. */
export const maxProblems = 100;
/** Characters of a key or value that a message quotes. */
const maxQuoted = 60;

/** Place and words of the first limit that the text crosses; undefined: it crosses none. */
export function findBomb(text: string): { offset: number; message: string } | undefined {
  const parser = new Parser();
  let aliases = 0;
  let scalars = 0;
  let before = '';
  for (const lexeme of new Lexer().lex(text)) {
    const { offset } = parser;
    // A scalar's own text comes behind a mark and may begin like anything.
    if (before !== CST.SCALAR && CST.tokenType(lexeme) === 'alias') aliases += 1;
    if (lexeme === CST.SCALAR) scalars += 1;
    before = lexeme;
    for (const _ of parser.next(lexeme)) {
      // Only the depth of what is open is of interest.
    }
    if (parser.stack.length > maxDepth)
      return { offset, message: `nested more than ${maxDepth} levels deep` };
    if (scalars > maxScalars)
      return { offset, message: `more than ${maxScalars.toLocaleString('en')} keys and values` };
    if (aliases > maxAliases)
      return { offset, message: `more than ${maxAliases} aliases (\`*name\`); write the values out` };
  }
  return undefined;
}

/** At most `maxProblems`; what is left out is counted in one more, made by `rest` from the last one shown. */
export function limitProblems<T>(problems: T[], rest: (last: T, count: number) => T): T[] {
  const last = problems[maxProblems - 1];
  if (last === undefined || problems.length <= maxProblems) return problems;
  return [...problems.slice(0, maxProblems), rest(last, problems.length - maxProblems)];
}

/** The text as a message may quote it. */
export function quoted(text: string): string {
  return text.length > maxQuoted ? `${text.slice(0, maxQuoted).toWellFormed()}…` : text;
}
