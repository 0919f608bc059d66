/**
 * An outside agent asks before it uses a tool of its own: what it asks for, said as calls of our tools, and judged by the same
 * rules. What cannot be said so is refused. A courtesy of the agent and no boundary: that is the cell. Pure.
 */
import { posix } from 'node:path';
import type { Json, JsonObject } from '../../base/json.ts';
import { judgeToolCall } from '../../capabilities/judge-tool-call.ts';
import type { Role } from '../../teams/team.ts';
import type { ReportedCall } from './session-update.ts';

export interface PermissionFacts {
  call: ReportedCall;
  /** Files that it says the call is about. */
  locations: readonly string[];
  role: Role;
  deliverables: readonly string[];
  /** Absolute path of the checkout, as the agent sees it. */
  workspace: string;
}

export interface PermissionVerdict {
  isAllowed: boolean;
  /** What decided. */
  rule: string;
  /** Empty when allowed. */
  reason: string;
}

export function judgePermission(facts: PermissionFacts): PermissionVerdict {
  const asked = askedCalls(facts);
  if ('rule' in asked) return asked;
  const { role, deliverables } = facts;
  let rule = '';
  for (const { tool, input } of asked.calls) {
    const verdict = judgeToolCall({ role, tool, input, deliverables });
    const { decision, rule: decided, reason } = verdict;
    if (decision === 'deny') return { isAllowed: false, rule: decided, reason };
    if (decision === 'ask') {
      const how = `ask for it with \`${tool}\` of the MCP server meshwright`;
      return { isAllowed: false, rule: decided, reason: `${reason}: ${how}` };
    }
    rule ||= verdict.rule;
  }
  return { isAllowed: true, rule, reason: '' };
}

type AskedCalls = { calls: { tool: string; input: JsonObject }[] } | PermissionVerdict;

function askedCalls({ call, locations, workspace }: PermissionFacts): AskedCalls {
  const input = isObject(call.rawInput) ? call.rawInput : {};
  if (isOurs(call)) return { isAllowed: true, rule: 'mcp', reason: '' };
  switch (call.kind) {
    case 'execute': {
      const { command } = input;
      if (typeof command !== 'string') return refuse('input', 'the command is not said as one line of text');
      return { calls: [{ tool: 'shell', input: { command } }] };
    }
    case 'edit':
    case 'delete':
    case 'move': {
      const paths = pathsOf(input, locations);
      if (paths.length === 0) return refuse('input', 'the files are not named');
      return { calls: paths.map((path) => writing(relative(workspace, path))) };
    }
    case 'read':
      return { calls: pathsOf(input, locations).map((path) => reading(relative(workspace, path))) };
    case 'search':
      return { calls: [{ tool: 'grep', input: { pattern: '.' } }] };
    case 'think':
      return { isAllowed: true, rule: 'thought', reason: '' };
    case 'fetch':
      return refuse('network', 'there is no network');
    default:
      return refuse('unknown_tool', `what ${call.name ?? call.title} would do is not known`);
  }
}

/** Our own MCP tools are judged when they are called. */
function isOurs({ name, title }: ReportedCall): boolean {
  return /^(?:mcp__)?meshwright_{1,2}[a-z_]+$/.test(name ?? title);
}

const pathFields = ['file_path', 'filePath', 'filepath', 'path', 'notebook_path'];

function pathsOf(input: JsonObject, locations: readonly string[]): string[] {
  const named = pathFields.flatMap((field) => (typeof input[field] === 'string' ? [input[field]] : []));
  return [...new Set([...named, ...locations])];
}

function writing(path: string): { tool: string; input: JsonObject } {
  return { tool: 'write', input: { path, content: '' } };
}

function reading(path: string): { tool: string; input: JsonObject } {
  return { tool: 'read', input: { path } };
}

/** What lies outside keeps its absolute path, which no role may write. */
function relative(workspace: string, path: string): string {
  const absolute = posix.resolve(workspace, path);
  return absolute.startsWith(`${workspace}/`) ? absolute.slice(workspace.length + 1) : absolute;
}

function refuse(rule: string, reason: string): PermissionVerdict {
  return { isAllowed: false, rule, reason };
}

function isObject(value: Json): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
