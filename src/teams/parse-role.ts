/** One role file to one Role, with every problem of the file. What this version cannot enforce, it says. */
import { storableText } from '../base/json.ts';
import type { ToolName } from '../permissions/tool-name.ts';
import type { Diagnostic, Loaded } from '../yaml/diagnostic.ts';
import { checkShape } from '../yaml/yaml-shape.ts';
import { diagnosticAt, sortDiagnostics, type YamlPath, type YamlSource } from '../yaml/yaml-source.ts';
import { readMarkdown } from './front-matter.ts';
import { readLints, readPermissions, withoutCommands } from './read-permissions.ts';
import { readTier } from './read-tier.ts';
import { type RoleFile, roleSchema } from './role-schema.ts';
import { mapAllowedTools, mapDeniedTools } from './role-tools.ts';
import type { Role } from './team.ts';

/** `source`: what Role.source says and diagnostics name, e.g. `.mesh/roles/tester.md`. */
export function parseRole(source: string, text: string): Loaded<Role> & { name: string | undefined } {
  const { front, body, diagnostics } = readMarkdown(source, storableText(text));
  if (!front) return { value: undefined, name: undefined, diagnostics };
  const shape = checkShape(front, roleSchema);
  const found = [...diagnostics, ...shape.diagnostics];
  if (body.trim() === '') {
    const message =
      'the role says nothing below its front matter; write who the agent is and what it must not do';
    found.push(diagnosticAt({ file: source, line: 1, col: 1 }, message));
  }
  const built = shape.usable ? buildRole(shape.usable, body, front) : undefined;
  found.push(...(built?.found ?? []));
  const isUsable = shape.value !== undefined && !found.some((each) => each.severity === 'error');
  return {
    value: isUsable ? built?.role : undefined,
    name: nameOf(front),
    diagnostics: sortDiagnostics(found),
  };
}

function nameOf(front: YamlSource): string | undefined {
  const { value } = front;
  const name = value !== null && typeof value === 'object' && 'name' in value ? value.name : undefined;
  return typeof name === 'string' ? name : undefined;
}

function buildRole(file: RoleFile, body: string, front: YamlSource): { role: Role; found: Diagnostic[] } {
  const found: Diagnostic[] = [];
  const warn = (path: YamlPath, message: string) =>
    found.push(diagnosticAt(front.locateKey(path), message, 'warning'));
  const error = (path: YamlPath, message: string) => found.push(diagnosticAt(front.locate(path), message));
  // `tools:` with nothing behind it grants nothing; only a file without the key gets every tool.
  const allowed = mapAllowedTools(file.tools === undefined ? '*' : (file.tools ?? []));
  const denied = mapDeniedTools(file.disallowedTools ?? []);
  for (const remark of allowed.remarks) warn(['tools'], remark);
  for (const remark of denied.remarks) warn(['disallowedTools'], remark);
  for (const key of ['hooks', 'mcpServers', 'skills'])
    if (file[key] !== undefined) warn([key], `\`${key}\` has no effect in this version`);
  const effort = readEffort(file.effort);
  if (effort.remark) warn(['effort'], effort.remark);
  const { read: readPaths = null, write = null } = file.mesh?.paths ?? {};
  const tools = { allowed: allowed.tools, denied: withPlanMode(denied.tools, file.permissionMode) };
  const role: Role = {
    name: file.name,
    description: file.description,
    instructions: body.trim(),
    tools: allowed.tools,
    deniedTools: withoutCommands(readPaths, { ...tools, parts: allowed.parts }, warn),
    model: file.model === undefined || file.model === null || file.model === 'inherit' ? null : file.model,
    effort: effort.value,
    reads: file.mesh?.reads ?? ['brief.md'],
    writes: file.mesh?.writes ?? [],
    readPaths,
    writePaths: write === 'changed' ? null : write,
    onlyFiles: write === 'changed' ? [] : null,
    permissions: readPermissions(file, { allowed, denied }, { error, warn }),
    deniedApprovalTiers: Object.entries(file.mesh?.tiers ?? {}).flatMap(([tier, verb]) =>
      verb === 'deny' ? [tier] : [],
    ),
    never: readLints(file, error),
    ...readTier(file, error),
    agent: file.mesh?.agent ?? null,
    maxTurns: file.mesh?.max_turns ?? file.maxTurns ?? null,
    source: front.file,
  };
  return { role, found };
}

/** In plan mode Claude Code changes nothing; so does such a role here. */
function withPlanMode(denied: readonly ToolName[], mode: string | null | undefined): readonly ToolName[] {
  if (mode !== 'plan') return denied;
  return [...new Set<ToolName>([...denied, 'write', 'edit', 'run', 'shell'])];
}

function readEffort(written: string | number | null | undefined): { value: Role['effort']; remark?: string } {
  switch (written) {
    case undefined:
    case null:
      return { value: null };
    case 'low':
    case 'medium':
    case 'high':
      return { value: written };
    case 'xhigh':
    case 'max':
      return { value: 'high', remark: `effort \`${written}\` is taken as \`high\`` };
    default:
      return {
        value: null,
        remark: `effort \`${written}\` is not known (low, medium, high) and is left out`,
      };
  }
}
