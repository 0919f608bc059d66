/**
 * What a role must never hand in, looked for in an artifact: code where decisions are asked for, open ends, a person's own
 * patterns. Text in, findings out. Of JSON the strings are looked at, wherever they stand.
 */
import type { OutputLint } from '../teams/output-lint.ts';
import { findCode, type OutputLine } from './find-code.ts';
import { matchLines } from './match-lines.ts';

/** Characters of an artifact that lints see: more is no text of an agent. */
const seenOfArtifact = 1_000_000;
const shownFindings = 10;

/** Sentences with `name:line`; empty: nothing is wrong. */
export function lintOutput(lints: readonly OutputLint[], name: string, content: string): string[] {
  if (lints.length === 0) return [];
  if (content.length > seenOfArtifact)
    return [`${name} has ${content.length} characters; at most ${seenOfArtifact} can be looked through`];
  const texts = textsOf(name, content);
  const found = lints.flatMap((lint) => texts.flatMap((lines) => applyLint(lint, lines)));
  const sentences = found
    .toSorted((a, b) => a.line - b.line)
    .map(({ line, message }) => `${name}:${line}: ${message}`);
  const more = sentences.length - shownFindings;
  return more > 0 ? [...sentences.slice(0, shownFindings), `and ${more} more`] : sentences;
}

interface LintFinding {
  line: number;
  message: string;
}

function applyLint(lint: OutputLint, lines: readonly OutputLine[]): LintFinding[] {
  switch (lint.kind) {
    case 'code_in_output':
      return findCode(lines).map((line) => ({ line, message: 'code; say in words what it is to do' }));
    case 'todo_in_output':
      return lines
        .filter(({ text }) => /\b(TODO|FIXME|XXX|TBD)\b/.test(text))
        .map(({ number }) => ({ line: number, message: 'an open end (TODO); decide it, or say who has to' }));
    case 'pattern':
      return findPattern(lint, lines);
  }
}

/** A pattern that takes for ever on some text is stopped, and that is a finding: nobody knows what it would have said. */
function findPattern(
  lint: Extract<OutputLint, { kind: 'pattern' }>,
  lines: readonly OutputLine[],
): LintFinding[] {
  const hits = matchLines(
    lint.pattern,
    lines.map(({ text }) => text),
  );
  if (hits === null)
    return [
      {
        line: 1,
        message: `the pattern of ${lint.name} could not be tried out in time; a person has to make it simpler`,
      },
    ];
  return hits.map((at) => ({ line: lines[at]?.number ?? 1, message: `${lint.message} (${lint.name})` }));
}

/** The artifact as one text, or as many as it has strings, each with the lines where it stands. */
function textsOf(name: string, content: string): OutputLine[][] {
  const whole = content.split(/\r?\n/).map((text, index) => ({ number: index + 1, text }));
  if (!name.endsWith('.json')) return [whole];
  const texts: OutputLine[][] = [];
  let from = 0;
  try {
    JSON.parse(content, function visit(_key, value: unknown) {
      if (typeof value !== 'string') return value;
      const at = content.indexOf(JSON.stringify(value), from);
      const place = at === -1 ? from : at;
      from = place;
      const number = content.slice(0, place).split('\n').length;
      texts.push(value.split(/\r?\n/).map((text) => ({ number, text })));
      return value;
    });
  } catch {
    return [whole];
  }
  return texts;
}
