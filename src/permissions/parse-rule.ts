/** Reads permission rules as Claude Code writes them. What is not understood becomes no rule, and a sentence that says so. */
import picomatch from 'picomatch';
import type { PermissionRule, RulePart } from './permission-rule.ts';
import { readCommandLine } from './read-command-line.ts';
import { toolsCalled } from './tool-name.ts';

export type ParsedRule =
  | { ok: true; rule: PermissionRule }
  /** `unknownTool`: it names a tool that there is not, perhaps a misspelt one. */
  | { ok: false; problem: string; unknownTool: string | null };

export function parseRule(text: string, from: PermissionRule['from']): ParsedRule {
  const match = /^([^()]*?)\s*(?:\((.*)\))?$/s.exec(text.trim());
  const name = match?.[1] ?? '';
  const inner = match?.[2];
  const tools = toolsCalled(name);
  if (match === null) return refuse(`\`${text}\` is no rule: write \`Tool\` or \`Tool(part)\``);
  if (tools === undefined) return refuse(`there is no tool \`${name}\` here`, name);
  if (inner === undefined || inner.trim() === '*')
    return { ok: true, rule: { text, from, tools, part: null } };
  const part = tools.includes('shell') || tools.includes('run') ? parseCommand(inner) : parsePath(inner);
  return typeof part === 'string'
    ? refuse(`\`${text}\`: ${part}`)
    : { ok: true, rule: { text, from, tools, part } };
}

function parseCommand(inner: string): RulePart | string {
  const prefix = /^(.*?)(?::\*|\s+\*)$/s.exec(inner);
  const { commands, beyondPlain } = readCommandLine(prefix?.[1] ?? inner);
  const words = commands[0]?.filter((word) => word !== null) ?? [];
  if (beyondPlain !== null || commands.length !== 1 || words.length === 0) {
    return 'the part must be one plain command, such as `npm test` or, with anything after it, `git diff:*`';
  }
  return { kind: 'command', words, isPrefix: prefix !== null };
}

function parsePath(inner: string): RulePart | string {
  const glob = inner.trim().replace(/^\.?\/(?!\/)/, '');
  const isOutside = /^[/~!]/.test(glob) || glob.split('/').includes('..') || glob.includes('\\');
  if (glob === '' || isOutside) return 'the part must be a path or glob inside the repository';
  try {
    picomatch.makeRe(glob);
  } catch {
    return 'the part is no glob';
  }
  return { kind: 'path', glob };
}

function refuse(problem: string, unknownTool: string | null = null): ParsedRule {
  return { ok: false, problem, unknownTool };
}
