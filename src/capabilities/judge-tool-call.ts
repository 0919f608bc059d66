/**
 * May this agent make this tool call? One pure function over the role and the call: deny before ask before allow, and what
 * is not understood is refused. It is the boundary of words; the cell is the boundary of deeds.
 */
import type { JsonObject } from '../base/json.ts';
import { describeRule, type PermissionRule } from '../permissions/permission-rule.ts';
import { type CommandLine, readCommandLine } from '../permissions/read-command-line.ts';
import { type ToolName, toolNames } from '../permissions/tool-name.ts';
import type { Role } from '../teams/team.ts';
import { findHindrance, judgeAllowed, lineOfArgv } from './judge-command.ts';
import { askedFor, judgePath, type PathUse } from './path-scope.ts';
import { type AnyToolName, findInputProblem } from './tool-input.ts';
import { normalizeWorkspacePath } from './workspace-path.ts';

export interface ToolVerdict {
  /** `ask`: refused while there is nobody to be asked. */
  decision: 'allow' | 'ask' | 'deny';
  /** What decided: a rule as it is written, or the name of what holds without one. */
  rule: string;
  /** Fit for the model; empty when allowed. */
  reason: string;
}

export interface ToolCallFacts {
  /** As it is seated: with the policy's permissions. */
  role: Role;
  tool: string;
  input: JsonObject;
  /** Names of artifacts that this seat may hand in. */
  deliverables: readonly string[];
}

export function judgeToolCall(facts: ToolCallFacts): ToolVerdict {
  const { role, input, deliverables } = facts;
  const permitted = permittedTools(role, deliverables);
  const tool = permitted.find((name) => name === facts.tool);
  if (tool === undefined) return refuseTool(role, facts.tool, permitted);
  const problem = findInputProblem(tool, input);
  if (problem !== null) return deny('input', problem);
  if (tool === 'deliver') {
    return deliverables.includes(String(input.name))
      ? allow('deliver')
      : deny('deliver', `${String(input.name)} is not asked for; deliver takes: ${deliverables.join(', ')}`);
  }
  const asked = role.permissions.ask.find(({ tools, part }) => part === null && tools.includes(tool));
  if (asked)
    return { decision: 'ask', rule: describeRule('ask', asked), reason: `${asked.text} ${askedFor}` };
  return judgeInput(role, tool, input);
}

function judgeInput(role: Role, tool: ToolName, input: JsonObject): ToolVerdict {
  switch (tool) {
    case 'read':
    case 'write':
    case 'edit':
      return judgeFile(role, tool, input.path);
    case 'glob':
      return judgePattern(input.pattern);
    case 'grep':
      return input.glob === undefined || input.glob === null ? allow('tools') : judgePattern(input.glob);
    case 'run':
      return judgeCommand(role, tool, input, () => lineOfArgv(input.argv as string[]));
    case 'shell':
      return judgeCommand(role, tool, input, () => readCommandLine(String(input.command)));
  }
}

function refuseTool(role: Role, name: string, permitted: readonly AnyToolName[]): ToolVerdict {
  const offered = `its tools are: ${permitted.join(', ') || 'none'}`;
  const tool = toolNames.find((each) => each === name);
  if (tool === undefined && name !== 'deliver') {
    return deny('no such tool', `there is no tool ${JSON.stringify(name)}; ${offered}`);
  }
  const rule = tool === undefined ? undefined : deniedWhole(role, tool);
  return deny(
    rule ? describeRule('deny', rule) : 'tools',
    `role ${role.name} may not use ${name}; ${offered}`,
  );
}

/** The tools that a role may use, `deliver` only where something is to be handed in. */
export function permittedTools(role: Role, deliverables: readonly string[]): AnyToolName[] {
  const own = toolNames.filter((tool) => isPermitted(role, tool));
  return deliverables.length > 0 ? [...own, 'deliver'] : own;
}

/** True when no tool of the role can change a file; such an agent gets a workspace that it cannot write. */
export function isReadOnly(role: Role): boolean {
  const changing: readonly ToolName[] = ['write', 'edit', 'run', 'shell'];
  return !changing.some((tool) => isPermitted(role, tool));
}

function isPermitted(role: Role, tool: ToolName): boolean {
  const isDenied = role.deniedTools.includes(tool) || deniedWhole(role, tool) !== undefined;
  return (role.tools === null || role.tools.includes(tool)) && !isDenied;
}

function deniedWhole({ permissions }: Role, tool: ToolName): PermissionRule | undefined {
  return permissions.deny.find(({ tools, part }) => part === null && tools.includes(tool));
}

function judgeFile(role: Role, use: PathUse, path: unknown): ToolVerdict {
  const check = judgePath(role, use, String(path));
  if (!check.ok) return { decision: check.decision, rule: check.rule, reason: check.reason };
  return check.path === ''
    ? deny('input', 'path must name a file, not the workspace itself')
    : allow(check.rule);
}

/** The line is read only where a rule is about parts of this tool. */
function judgeCommand(role: Role, tool: ToolName, input: JsonObject, read: () => CommandLine): ToolVerdict {
  const folder = normalizeWorkspacePath(String(input.cwd ?? ''));
  if (!folder.ok) return deny('workspace', folder.reason);
  const { allow: lists, ask, deny: denied } = role.permissions;
  const own = (rules: readonly PermissionRule[]) => rules.filter(({ tools }) => tools.includes(tool));
  const parts = lists.map(own).filter((rules) => rules.length > 0);
  if (parts.length + own(ask).length + own(denied).length === 0) return allow('tools');
  const line = read();
  const denial = findHindrance(line, 'deny', own(denied));
  if (denial) return denial;
  const question = findHindrance(line, 'ask', own(ask));
  if (question) return { ...question, reason: `${question.reason}: it ${askedFor}` };
  const verdicts = parts.map((rules) => judgeAllowed(line, rules));
  const refused = verdicts.find(({ decision }) => decision !== 'allow');
  if (refused) return refused;
  const isWhole = parts.every((rules) => rules.some(({ part }) => part === null));
  // The same words mean something else in a folder that an agent has filled: its package.json, its git configuration.
  if (folder.path !== '' && !isWhole)
    return deny('cwd', 'commands that are allowed in part run at the root of the workspace, without cwd');
  return allow([...new Set(verdicts.map(({ rule }) => rule))].join('; ') || 'tools');
}

/** What a pattern finds is cut to the role's read scope afterwards; here only patterns that point outside are refused. */
function judgePattern(pattern: unknown): ToolVerdict {
  const text = String(pattern);
  if (text.includes('..') || text.includes('\\') || text.startsWith('/')) {
    return deny(
      'workspace',
      `pattern ${JSON.stringify(text)} must stay inside the workspace: no .., no \\, no leading /`,
    );
  }
  return allow('tools');
}

function allow(rule: string): ToolVerdict {
  return { decision: 'allow', rule, reason: '' };
}

function deny(rule: string, reason: string): ToolVerdict {
  return { decision: 'deny', rule, reason };
}
