/** From the tool names of Claude Code files to ours. What has no counterpart is never granted; what is denied in part is denied whole. */
import { suggestWord } from '../yaml/yaml-shape.ts';
import { type ToolName, toolNames } from './team.ts';

const counterparts: Readonly<Record<string, readonly ToolName[]>> = {
  Read: ['read'],
  Write: ['write'],
  Edit: ['edit'],
  MultiEdit: ['edit'],
  NotebookEdit: ['edit'],
  Glob: ['glob'],
  LS: ['glob'],
  Grep: ['grep'],
  Bash: ['run', 'shell'],
  ...Object.fromEntries(toolNames.map((name) => [name, [name]])),
};

export interface ToolList {
  /** Null: every tool (`*`). */
  tools: readonly ToolName[] | null;
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

export function mapAllowedTools(written: string | readonly string[]): ToolList {
  const names = splitToolNames(written);
  if (names.includes('*')) return { tools: null, remarks: [] };
  const granted = new Set<ToolName>();
  const remarks: string[] = [];
  for (const name of names) {
    const known = findCounterpart(name);
    if (known) for (const tool of known) granted.add(tool);
    else remarks.push(explainRefusal(name));
  }
  return { tools: toolNames.filter((tool) => granted.has(tool)), remarks };
}

export function mapDeniedTools(written: string | readonly string[]): {
  tools: readonly ToolName[];
  remarks: string[];
} {
  const denied = new Set<ToolName>();
  const remarks: string[] = [];
  for (const name of splitToolNames(written)) {
    const whole = name.replace(/\(.*$/, '').trim();
    const known = whole === '*' ? toolNames : findCounterpart(whole);
    for (const tool of known ?? []) denied.add(tool);
    if (known && whole !== name)
      remarks.push(
        `denying a part of a tool (\`${name}\`) is not available in this version; all of \`${whole}\` is denied`,
      );
    if (!known) {
      const near = suggestWord(whole, Object.keys(counterparts));
      if (near) remarks.push(`there is no tool \`${whole}\` to deny${near}`);
    }
  }
  return { tools: toolNames.filter((tool) => denied.has(tool)), remarks };
}

function findCounterpart(name: string): readonly ToolName[] | undefined {
  return Object.hasOwn(counterparts, name) ? counterparts[name] : undefined;
}

function explainRefusal(name: string): string {
  const whole = name.replace(/\(.*$/, '').trim();
  if (whole !== name && findCounterpart(whole))
    return `granting a part of a tool (\`${name}\`) is not available in this version; \`${whole}\` is not granted by it`;
  return `there is no tool \`${name}\` here; it is not granted${suggestWord(name, Object.keys(counterparts))}`;
}
