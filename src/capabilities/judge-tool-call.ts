/**
 * May this agent make this tool call? One pure function over the role and the call: deny before ask before allow, and what
 * is not understood is refused. It is the boundary of words; the cell is the boundary of deeds.
 */
import type { JsonObject } from '../base/json.ts';
import { type AskRule, describeRule, type PermissionRule } from '../permissions/permission-rule.ts';
import { type CommandLine, readCommandLine } from '../permissions/read-command-line.ts';
import {
  askingTools,
  type CellTool,
  cellTools,
  isAskingTool,
  type ToolName,
  toolNames,
} from '../permissions/tool-name.ts';
import type { Role } from '../teams/team.ts';
import { findHindrance, judgeAllowed, lineOfArgv } from './judge-command.ts';
import { askedFor, judgePath, type PathUse } from './path-scope.ts';
import { type AnyToolName, findInputProblem } from './tool-input.ts';
import { normalizeWorkspacePath } from './workspace-path.ts';

export interface ToolVerdict {
  /** `ask`: nothing else forbids it, and it waits for the yes of people. */
  decision: 'allow' | 'ask' | 'deny';
  /** What decided: a rule as it is written, or the name of what holds without one. */
  rule: string;
  /** Fit for the model; empty when allowed. */
  reason: string;
  /** Whose yes it needs; exactly where the decision is `ask`. */
  tier?: string;
}

export interface ToolCallFacts {
  /** As it is seated: with the policy's permissions. */
  role: Role;
  tool: string;
  input: JsonObject;
  /** Names of artifacts that this seat may hand in. */
  deliverables: readonly string[];
  /** Somebody hears what this seat asks; absent: nobody does. */
  mayAsk?: boolean;
}

export function judgeToolCall(facts: ToolCallFacts): ToolVerdict {
  const { ask } = facts.role.permissions;
  const verdict = judgeAsked(facts, []);
  // What is denied anyway nobody is asked about, and nobody's yes lets it through.
  if (verdict.decision !== 'allow') return verdict;
  return judgeTiers(
    facts.role,
    ask.filter((rule) => judgeAsked(facts, [rule]).decision === 'ask'),
    verdict,
  );
}

/** As if these rules were the only ones that ask. */
function judgeAsked(facts: ToolCallFacts, ask: readonly AskRule[]): ToolVerdict {
  const { role } = facts;
  return judgeCall({ ...facts, role: { ...role, permissions: { ...role.permissions, ask } } });
}

/** `allowed`: what holds where none of its rules asks. */
function judgeTiers(role: Role, asking: readonly AskRule[], allowed: ToolVerdict): ToolVerdict {
  const [first] = asking;
  if (first === undefined) return allowed;
  const rule = asking.map((each) => describeRule('ask', each)).join('; ');
  const texts = asking.map(({ text }) => text).join(', ');
  const tiers = [...new Set(asking.map(({ tier }) => tier))];
  const denied = tiers.find((tier) => role.deniedApprovalTiers.includes(tier));
  if (denied !== undefined)
    return deny(rule, `role ${role.name} does nothing that needs an approval of tier ${denied} (${texts})`);
  if (tiers.length > 1)
    return deny(
      rule,
      `it needs approvals of several tiers (${tiers.join(', ')}); make a call of its own for each part`,
    );
  return { decision: 'ask', rule, reason: `${texts} ${askedFor}`, tier: first.tier };
}

function judgeCall(facts: ToolCallFacts): ToolVerdict {
  const { role, input, deliverables, mayAsk = false } = facts;
  const permitted = permittedTools(role, deliverables, mayAsk);
  const tool = permitted.find((name) => name === facts.tool);
  if (tool === undefined) return refuseTool(role, facts.tool, permitted);
  // A question goes to a person by itself: a rule that asks a person first would ask twice.
  if (isAskingTool(tool)) return allow(tool);
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

function judgeInput(role: Role, tool: CellTool, input: JsonObject): ToolVerdict {
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

/**
 * The tools that a role may use, `deliver` only where something is to be handed in. Asking is no matter of the role's list of
 * tools: whoever is stuck may say so, unless the role denies it.
 */
export function permittedTools(role: Role, deliverables: readonly string[], mayAsk = false): AnyToolName[] {
  const own = cellTools.filter((tool) => isPermitted(role, tool));
  const asking = mayAsk ? askingTools.filter((tool) => !isDenied(role, tool)) : [];
  return [...own, ...(deliverables.length > 0 ? (['deliver'] as const) : []), ...asking];
}

/** True when no tool of the role can change a file; such an agent gets a workspace that it cannot write. */
export function isReadOnly(role: Role): boolean {
  const changing: readonly ToolName[] = ['write', 'edit', 'run', 'shell'];
  return !changing.some((tool) => isPermitted(role, tool));
}

function isPermitted(role: Role, tool: ToolName): boolean {
  return (role.tools === null || role.tools.includes(tool)) && !isDenied(role, tool);
}

function isDenied(role: Role, tool: ToolName): boolean {
  return role.deniedTools.includes(tool) || deniedWhole(role, tool) !== undefined;
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
function judgeCommand(role: Role, tool: CellTool, input: JsonObject, read: () => CommandLine): ToolVerdict {
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
