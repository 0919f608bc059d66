/**
 * What a role's `tools` and `disallowedTools` grant and deny, by our names: whole tools and parts of them. What has no
 * counterpart is never granted; a part that is not understood grants nothing, and denies the whole.
 */
import { type ParsedRule, parseRule } from '../permissions/parse-rule.ts';
import type { PermissionRule } from '../permissions/permission-rule.ts';
import { type ToolName, toolNames, toolsCalled, writtenToolNames } from '../permissions/tool-name.ts';
import { suggestWord } from '../yaml/yaml-shape.ts';

export interface ToolList<T> {
  tools: T;
  /** Rules about parts of tools; of a list that grants, only for tools that it does not grant whole. */
  parts: PermissionRule[];
  /** Sentences for warnings. */
  remarks: string[];
}

/** `Read, Grep, Bash(git diff:*)` or a list; commas inside parentheses do not separate. */
export function splitToolNames(written: string | readonly string[]): string[] {
  const texts = typeof written === 'string' ? [written] : written;
  return texts
    .flatMap((text) => text.match(/(?:[^,()]|\([^)]*\)?)+/g) ?? [])
    .map((name) => name.trim())
    .filter(Boolean);
}

/** `tools` are those that it has at all, null: every tool (`*`). */
export function mapAllowedTools(written: string | readonly string[]): ToolList<readonly ToolName[] | null> {
  const names = splitToolNames(written);
  if (names.includes('*')) return { tools: null, parts: [], remarks: [] };
  const whole = new Set<ToolName>();
  const parts: PermissionRule[] = [];
  const remarks: string[] = [];
  for (const name of names) {
    const parsed = parseRule(name, 'role');
    if (!parsed.ok) remarks.push(`${parsed.problem}; it is not granted${hintOf(parsed)}`);
    else if (parsed.rule.part === null) for (const tool of parsed.rule.tools) whole.add(tool);
    else parts.push(parsed.rule);
  }
  const inPart = parts.filter(({ tools }) => !tools.every((tool) => whole.has(tool)));
  const tools = toolNames.filter(
    (tool) => whole.has(tool) || inPart.some((rule) => rule.tools.includes(tool)),
  );
  return { tools, parts: inPart, remarks };
}

export function mapDeniedTools(written: string | readonly string[]): ToolList<readonly ToolName[]> {
  const whole = new Set<ToolName>();
  const parts: PermissionRule[] = [];
  const remarks: string[] = [];
  for (const name of splitToolNames(written)) {
    if (name === '*') for (const tool of toolNames) whole.add(tool);
    const parsed = name === '*' ? null : parseRule(name, 'role');
    if (parsed === null) continue;
    if (parsed.ok && parsed.rule.part !== null) parts.push(parsed.rule);
    else if (parsed.ok) for (const tool of parsed.rule.tools) whole.add(tool);
    else {
      const tool = name.replace(/\(.*$/s, '').trim();
      const known = toolsCalled(tool) ?? [];
      for (const each of known) whole.add(each);
      // Denying what does not exist here is right as it is, unless something else was meant.
      if (known.length > 0) remarks.push(`${parsed.problem}; all of \`${tool}\` is denied`);
      else if (hintOf(parsed) !== '') remarks.push(`${parsed.problem}, so it is not denied${hintOf(parsed)}`);
    }
  }
  return { tools: toolNames.filter((tool) => whole.has(tool)), parts, remarks };
}

/** What was likely meant, to be put behind the problem; may be empty. */
export function hintOf({ unknownTool }: Extract<ParsedRule, { ok: false }>): string {
  return unknownTool === null ? '' : suggestWord(unknownTool, writtenToolNames);
}
