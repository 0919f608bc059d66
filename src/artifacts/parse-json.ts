/**
 * JSON that an agent or a person wrote, checked against a zod schema; every problem as one short sentence with its place.
 * Bounded: neither a gigantic text nor one with thousands of mistakes makes more than a short answer.
 */
import type { z } from 'zod';
import { type Json, storableJson, storableText } from '../base/json.ts';

export interface ParsedJson<T> {
  value: T | undefined;
  problems: JsonProblem[];
}

export interface JsonProblem {
  path: readonly PropertyKey[];
  message: string;
}

/** Plans and verdicts have some kilobytes. */
const maxJsonCharacters = 1_000_000;
/** Whoever has more gets them after these are put right. */
const maxJsonProblems = 20;
const maxMessageCharacters = 300;

export function parseJson<T>(text: string, schema: z.ZodType<T>): ParsedJson<T> {
  if (text.length > maxJsonCharacters)
    return refuse(`is longer than ${maxJsonCharacters.toLocaleString('en')} characters`);
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/\s+/g, ' ') : String(error);
    return refuse(`not JSON: ${reason}`);
  }
  const parsed = schema.safeParse(value);
  // What the schema let through is as deep as the schema; its texts go on into prompts, events and commits.
  if (parsed.success) return { value: storableJson(parsed.data as Json) as T, problems: [] };
  const problems = parsed.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ path: [...issue.path, key], message: 'is not a known key' }))
      : [{ path: issue.path, message: issue.message.replace(/^Invalid input: /, '') }],
  );
  return { value: undefined, problems: shorten(problems) };
}

function refuse(message: string): { value: undefined; problems: JsonProblem[] } {
  return { value: undefined, problems: shorten([{ path: [], message }]) };
}

/** The first of them, each cut to a size that can be read. Also for problems that were found afterwards. */
export function shorten(problems: readonly JsonProblem[]): JsonProblem[] {
  const shown = problems
    .slice(0, maxJsonProblems)
    .map(({ path, message }) => ({ path, message: cut(storableText(message), maxMessageCharacters) }));
  const left = problems.length - shown.length;
  return left > 0 ? [...shown, { path: [], message: `and ${left} more problems` }] : shown;
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most).toWellFormed()}…` : text;
}

/** `tasks[1].title: expected string, received undefined`. */
export function describeProblem({ path, message }: JsonProblem): string {
  const place = path.reduce<string>(
    (text, step) =>
      typeof step === 'number'
        ? `${text}[${step}]`
        : `${text}${text && '.'}${cut(storableText(String(step)), 60)}`,
    '',
  );
  return place === '' ? message : `${place}: ${message}`;
}
