/** `permissions` of mesh.yaml: what holds for every role, whatever its file says. Shape, problems, meaning and rows of it. */
import { z } from 'zod';
import { type AskEntry, askEntriesSchema, ruleTextOf, withTier } from '../permissions/ask-entry.ts';
import { parseRule } from '../permissions/parse-rule.ts';
import type { PermissionRule, Permissions } from '../permissions/permission-rule.ts';
import { writtenToolNames } from '../permissions/tool-name.ts';
import type { Diagnostic } from '../yaml/diagnostic.ts';
import { suggestWord } from '../yaml/yaml-shape.ts';
import type { YamlPath } from '../yaml/yaml-source.ts';

const rulesSchema = z.array(z.string().trim().min(1).max(500)).max(200);

export const permissionsSchema = z.strictObject({
  allow: rulesSchema
    .optional()
    .describe(
      'Of a tool named here, only these parts are left to any role. Gives no role more than its file does.',
    ),
  ask: askEntriesSchema
    .optional()
    .describe(
      'Needs the yes of a person each time: a rule, or `{ rule, tier }` with the approval tier (default `external`).',
    ),
  deny: rulesSchema.optional().describe('Denied to every role.'),
});

type Written = z.infer<typeof permissionsSchema> | undefined;
const verbs = ['allow', 'ask', 'deny'] as const;

/** A rule that is not understood is an error: what it should have denied would be allowed. */
export function findPermissionProblems(
  written: Written,
  error: (at: YamlPath, message: string) => Diagnostic,
): Diagnostic[] {
  return verbs.flatMap((verb) =>
    (written?.[verb] ?? []).flatMap((entry, index) => {
      const parsed = parseRule(ruleTextOf(entry), 'policy');
      if (parsed.ok) return [];
      const { problem, unknownTool } = parsed;
      const hint = unknownTool === null ? '' : suggestWord(unknownTool, writtenToolNames);
      return [error(['permissions', verb, index], `${problem}${hint}`)];
    }),
  );
}

export function buildPermissions(written: Written): Permissions {
  const rules = <R>(
    entries: readonly AskEntry[] = [],
    finish: (rule: PermissionRule, entry: AskEntry) => R,
  ) =>
    entries.flatMap((entry) => {
      const parsed = parseRule(ruleTextOf(entry), 'policy');
      return parsed.ok ? [finish(parsed.rule, entry)] : [];
    });
  return {
    allow: rules(written?.allow, (rule) => rule),
    ask: rules(written?.ask, withTier),
    deny: rules(written?.deny, (rule) => rule),
  };
}

export function listPermissions(permissions: Permissions): [key: string, value: string][] {
  return verbs.map((verb) => [
    `permissions.${verb}`,
    permissions[verb]
      .map((rule) => ('tier' in rule ? `${rule.text} (${rule.tier})` : rule.text))
      .join(', ') || 'no rule',
  ]);
}
