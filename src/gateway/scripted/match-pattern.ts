/**
 * Runs the regular expressions of a scenario under a time limit: they come out of a repository, and one of
 * them could otherwise hold the process for ever. The limit is far above what an honest pattern needs.
 */
import { createContext, Script } from 'node:vm';

/** The pattern took too long; its text is in the message. */
export class SlowPatternError extends Error {}

const timeLimitMs = 1_000;
const context = createContext(Object.assign(Object.create(null), { pattern: '', text: '', replacement: '' }));
const findAll = new Script(
  '[...text.matchAll(new RegExp(pattern, "gm"))].map((m) => m.slice(1).find((g) => g !== undefined) ?? m[0])',
);
const findOne = new Script('(new RegExp(pattern, "m").exec(text) ?? undefined) !== undefined');
const replaceAll = new Script('text.replace(new RegExp(pattern, "gm"), () => replacement)');

/** @throws SlowPatternError, SyntaxError when it is no regular expression. */
export function hasMatch(pattern: string, text: string): boolean {
  return runLimited(findOne, { pattern, text }) === true;
}

/** Of every match the first group that took part, or the whole match. @throws SlowPatternError, SyntaxError */
export function findMatches(pattern: string, text: string): string[] {
  return Array.from(runLimited(findAll, { pattern, text }) as string[], String);
}

/** Every match replaced by exactly this text. @throws SlowPatternError, SyntaxError */
export function replaceMatches(pattern: string, text: string, replacement: string): string {
  return String(runLimited(replaceAll, { pattern, text, replacement }));
}

/** Undefined when the pattern can be used, else what is wrong with it. */
export function findPatternProblem(pattern: string): string | undefined {
  try {
    new RegExp(pattern, 'm');
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function runLimited(script: Script, inputs: Record<string, string>): unknown {
  Object.assign(context, inputs);
  try {
    return script.runInContext(context, { timeout: timeLimitMs });
  } catch (error) {
    // An error of the context is no instance of this realm's Error.
    if ((error as { code?: unknown } | null)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') {
      throw new SlowPatternError(`the pattern /${inputs.pattern}/ takes too long`);
    }
    throw new SyntaxError(`the pattern /${inputs.pattern}/ cannot be used: ${String(error)}`);
  }
}
