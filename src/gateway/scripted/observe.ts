/** Judges one text that a script looks at (a tool's result, the first message) and takes values out of it. Pure. */
import { findMatches, hasMatch, SlowPatternError } from './match-pattern.ts';
import type { Capture, Expectation, Observation } from './scenario.ts';
import { fillPattern, MissingValueError, type Values } from './template.ts';

export interface SeenText {
  text: string;
  /** Whether the call was refused or failed; false for texts that are no tool result. */
  isError: boolean;
  /** Of `run` and `shell`: the number after `exit code`, null when it says none. Undefined for everything else. */
  exitCode?: number | null;
}

export type Observed =
  | { met: true; captured: Map<string, string> }
  /** `reason`: what is not as expected, a clause. */
  | { met: false; reason: string; captured: Map<string, string> };

/** The first line of what `run` and `shell` give back. */
export function readExitCode(output: string): number | null {
  const found = /^exit code (-?\d+)/.exec(output);
  return found ? Number(found[1]) : null;
}

export function observe(observation: Observation, seen: SeenText, values: Values): Observed {
  const captured = new Map<string, string>();
  if (observation.as !== undefined) captured.set(observation.as, seen.text);
  try {
    const reason =
      findUnmet(observation.expect ?? {}, seen, values) ??
      captureAll(observation.capture ?? {}, seen.text, values, captured);
    return reason === undefined ? { met: true, captured } : { met: false, reason, captured };
  } catch (error) {
    if (
      error instanceof SlowPatternError ||
      error instanceof SyntaxError ||
      error instanceof MissingValueError
    ) {
      return { met: false, reason: error.message, captured };
    }
    throw error;
  }
}

function findUnmet(expectation: Expectation, seen: SeenText, values: Values): string | undefined {
  const expected = typeof expectation === 'string' ? { matches: expectation } : expectation;
  const wantsError = expected.error ?? false;
  const isCommand = seen.exitCode !== undefined;
  // A command that ran and failed is judged by its exit code, whether or not the tool calls that an error.
  const isError = seen.isError && !(isCommand && seen.exitCode !== null);
  if (wantsError !== 'any' && isError !== wantsError) {
    return isError ? `the call failed: ${shorten(seen.text)}` : 'the call did not fail';
  }
  if (isCommand && !isError) {
    const unmet = findExitProblem(expected.exit_code ?? 0, seen.exitCode ?? null);
    if (unmet !== undefined) return `${unmet}: ${shorten(seen.text)}`;
  }
  for (const pattern of [expected.matches ?? []].flat()) {
    if (!hasMatch(fillPattern(pattern, values), seen.text)) return `there is nothing like /${pattern}/ in it`;
  }
  for (const pattern of [expected.lacks ?? []].flat()) {
    if (hasMatch(fillPattern(pattern, values), seen.text))
      return `there is something like /${pattern}/ in it`;
  }
  return undefined;
}

function findExitProblem(wanted: number | 'nonzero' | 'any', found: number | null): string | undefined {
  if (wanted === 'any') return undefined;
  if (found === null) return 'it ended without an exit code';
  const isMet = wanted === 'nonzero' ? found !== 0 : found === wanted;
  return isMet ? undefined : `exit code ${found}`;
}

function captureAll(
  captures: Readonly<Record<string, Capture>>,
  text: string,
  values: Values,
  captured: Map<string, string>,
): string | undefined {
  for (const [name, capture] of Object.entries(captures)) {
    const wanted = typeof capture === 'string' ? { pattern: capture } : capture;
    const matches = findMatches(fillPattern(wanted.pattern, values), text);
    const found = (wanted.last ? matches.at(-1) : matches[0]) ?? wanted.default;
    if (found === undefined) return `there is nothing like /${wanted.pattern}/ in it`;
    captured.set(name, found);
  }
  return undefined;
}

function shorten(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}
