/** JSON that an agent or a person wrote, checked against a zod schema; every problem as one sentence with its place. */
import type { z } from 'zod';

export interface ParsedJson<T> {
  value: T | undefined;
  problems: JsonProblem[];
}

export interface JsonProblem {
  path: readonly PropertyKey[];
  message: string;
}

export function parseJson<T>(text: string, schema: z.ZodType<T>): ParsedJson<T> {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/\s+/g, ' ') : String(error);
    return { value: undefined, problems: [{ path: [], message: `not JSON: ${reason}` }] };
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return { value: parsed.data, problems: [] };
  const problems = parsed.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ path: [...issue.path, key], message: 'is not a known key' }))
      : [{ path: issue.path, message: issue.message.replace(/^Invalid input: /, '') }],
  );
  return { value: undefined, problems };
}

/** `tasks[1].title: expected string, received undefined`. */
export function describeProblem({ path, message }: JsonProblem): string {
  const place = path.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : `${text}${text && '.'}${String(step)}`),
    '',
  );
  return place === '' ? message : `${place}: ${message}`;
}
