/**
 * May this agent make this tool call? One pure function over the role and the call; deny wins over allow, and what is
 * not understood is refused. It is the boundary of words; the cell is the boundary of deeds.
 */
import type { JsonObject } from '../base/json.ts';
import { type Role, type ToolName, toolNames } from '../teams/team.ts';
import { judgePath, type PathUse } from './path-scope.ts';
import { type AnyToolName, findInputProblem } from './tool-input.ts';
import { normalizeWorkspacePath } from './workspace-path.ts';

export type ToolVerdict = { allowed: true } | { allowed: false /** Fit for the model. */; reason: string };

export interface ToolCallFacts {
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
  if (tool === undefined) {
    const isTool = toolNames.some((name) => name === facts.tool) || facts.tool === 'deliver';
    const what = isTool
      ? `role ${role.name} may not use ${facts.tool}`
      : `there is no tool ${JSON.stringify(facts.tool)}`;
    return refuse(`${what}; its tools are: ${permitted.join(', ') || 'none'}`);
  }
  const problem = findInputProblem(tool, input);
  if (problem !== null) return refuse(problem);
  switch (tool) {
    case 'read':
      return judgeFile(role, 'read', input.path);
    case 'write':
    case 'edit':
      return judgeFile(role, 'write', input.path);
    case 'glob':
      return judgePattern(input.pattern);
    case 'grep':
      return input.glob === undefined || input.glob === null ? allow : judgePattern(input.glob);
    case 'run':
    case 'shell':
      return judgeFolder(input.cwd);
    case 'deliver':
      return deliverables.includes(String(input.name))
        ? allow
        : refuse(`${String(input.name)} is not asked for; deliver takes: ${deliverables.join(', ')}`);
  }
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
  return (role.tools === null || role.tools.includes(tool)) && !role.deniedTools.includes(tool);
}

function judgeFile(role: Role, use: PathUse, path: unknown): ToolVerdict {
  const check = judgePath(role, use, String(path));
  if (!check.ok) return refuse(check.reason);
  return check.path === '' ? refuse('path must name a file, not the workspace itself') : allow;
}

function judgeFolder(cwd: unknown): ToolVerdict {
  if (cwd === undefined || cwd === null) return allow;
  const check = normalizeWorkspacePath(String(cwd));
  return check.ok ? allow : refuse(check.reason);
}

/** What a pattern finds is cut to the role's read scope afterwards; here only patterns that point outside are refused. */
function judgePattern(pattern: unknown): ToolVerdict {
  const text = String(pattern);
  if (text.includes('..') || text.includes('\\') || text.startsWith('/')) {
    return refuse(
      `pattern ${JSON.stringify(text)} must stay inside the workspace: no .., no \\, no leading /`,
    );
  }
  return allow;
}

const allow: ToolVerdict = { allowed: true };

function refuse(reason: string): ToolVerdict {
  return { allowed: false, reason };
}
