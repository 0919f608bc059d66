/**
 * The exact action that a person says yes to, and its hash. Everything that makes it another action is in it: another
 * project, item, agent, role, tool, commit, or one character of the input. Knows nothing of who may say yes.
 */
import { canonicalJson, type JsonObject, sha256Hex } from '../base/json.ts';
import { visibleLine } from '../base/visible-text.ts';
import type { StreamId } from '../journal/event.ts';

export interface ApprovalAction {
  project: string;
  item: number;
  agent: StreamId;
  role: string;
  tool: string;
  /**
   * As it would be run, which is after secrets became placeholders: the value of a secret is no part of what runs, so none
   * can be swapped, and no hash is kept against which guesses at one could be tried.
   */
  input: JsonObject;
  /** The commit that the agent's workspace began at. */
  base: string;
}

/** What a person is shown of a command or a file's name, at most. */
const longestLine = 200;

/** Lower-case hex sha256 of the canonical JSON. */
export function hashAction(action: ApprovalAction): string {
  return sha256Hex(canonicalJson(action));
}

/** For people, in one line: `run npm publish`; the whole is shown besides. */
export function describeAction({ tool, input }: ApprovalAction): string {
  const { argv, command, path, pattern } = input;
  const what = Array.isArray(argv) ? argv.map(quoteWord).join(' ') : (command ?? path ?? pattern ?? '');
  const line = visibleLine(`${tool} ${String(what)}`.trim());
  return line.length > longestLine ? `${line.slice(0, longestLine - 1).toWellFormed()}…` : line;
}

/** `["a b"]` and `["a", "b"]` are not the same command, and must not look the same. */
function quoteWord(word: unknown): string {
  const text = String(word);
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The whole of it, for people: every field of the input in full, and where it would be done. */
export function describeWholeAction({ item, role, tool, input, base }: ApprovalAction): string {
  const fields = Object.entries(input).map(
    ([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return [
    tool,
    ...fields,
    `by role ${role} of item ${item}, in files that began at ${base.slice(0, 12)}`,
  ].join('\n');
}
