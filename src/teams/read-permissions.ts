/** What a role file says about parts of tools, about its paths and its output, as the engine takes it; with what is wrong in it. */
import { type AskEntry, ruleTextOf, withTier } from '../permissions/ask-entry.ts';
import { parseRule } from '../permissions/parse-rule.ts';
import type { PermissionRule, Permissions } from '../permissions/permission-rule.ts';
import { type ToolName, toolNames } from '../permissions/tool-name.ts';
import type { YamlPath } from '../yaml/yaml-source.ts';
import { type OutputLint, readLint } from './output-lint.ts';
import type { RoleFile } from './role-schema.ts';
import { hintOf, type ToolList } from './role-tools.ts';
import type { RolePermissions } from './team.ts';

type Report = (path: YamlPath, message: string) => void;

/** A rule that is not understood: an error, because what it should have denied would be allowed. */
export function readPermissions(
  file: RoleFile,
  lists: { allowed: ToolList<readonly ToolName[] | null>; denied: ToolList<readonly ToolName[]> },
  report: { error: Report; warn: Report },
): RolePermissions {
  const { allowed, denied } = lists;
  const rules = <R>(verb: keyof Permissions, finish: (rule: PermissionRule, entry: AskEntry) => R): R[] =>
    (file.mesh?.permissions?.[verb] ?? []).flatMap((entry, index) => {
      const parsed = parseRule(ruleTextOf(entry), 'role');
      if (parsed.ok) return [finish(parsed.rule, entry)];
      report.error(['mesh', 'permissions', verb, index], `${parsed.problem}${hintOf(parsed)}`);
      return [];
    });
  const own = rules('allow', (rule) => rule);
  for (const rule of own) {
    if (allowed.tools === null || rule.tools.some((tool) => allowed.tools?.includes(tool))) continue;
    report.warn(
      ['mesh', 'permissions', 'allow'],
      `\`${rule.text}\` has no effect: the role's \`tools\` do not have it`,
    );
  }
  const allow = [...allowed.parts, ...own];
  return {
    allow: allow.length > 0 ? [allow] : [],
    ask: rules('ask', withTier),
    deny: [...denied.parts, ...rules('deny', (rule) => rule)],
  };
}

/** Commands read what they like: whoever may read parts of the repository only gets none. */
export function withoutCommands(
  readPaths: readonly string[] | null,
  tools: {
    allowed: readonly ToolName[] | null;
    denied: readonly ToolName[];
    parts: readonly PermissionRule[];
  },
  report: Report,
): readonly ToolName[] {
  const { allowed, denied, parts } = tools;
  const isScoped = readPaths !== null || parts.some((rule) => rule.tools.includes('read'));
  const commands = (['run', 'shell'] as const).filter(
    (tool) => (allowed === null || allowed.includes(tool)) && !denied.includes(tool),
  );
  if (!isScoped || commands.length === 0) return denied;
  const key: YamlPath = readPaths === null ? ['tools'] : ['mesh', 'paths', 'read'];
  report(
    key,
    'a role that may read parts of the repository only gets no `run` and no `shell`: a command could read the rest',
  );
  return toolNames.filter((tool) => denied.includes(tool) || commands.some((each) => each === tool));
}

export function readLints(file: RoleFile, error: Report): OutputLint[] {
  return (file.mesh?.never ?? []).flatMap((written, index) => {
    const lint = readLint(written);
    if (typeof lint !== 'string') return [lint];
    error(['mesh', 'never', index], lint);
    return [];
  });
}
