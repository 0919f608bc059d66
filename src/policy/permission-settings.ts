/** `permissions` of mesh.yaml: what holds for every role, whatever its file says. Shape, problems, meaning and rows of it. */
import { z } from 'zod';
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
  ask: rulesSchema.optional().describe('Needs the yes of a person; refused while nobody can be asked.'),
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
    (written?.[verb] ?? []).flatMap((text, index) => {
      const parsed = parseRule(text, 'policy');
      if (parsed.ok) return [];
      const { problem, unknownTool } = parsed;
      const hint = unknownTool === null ? '' : suggestWord(unknownTool, writtenToolNames);
      return [error(['permissions', verb, index], `${problem}${hint}`)];
    }),
  );
}

export function buildPermissions(written: Written): Permissions {
  const rules = (verb: (typeof verbs)[number]): PermissionRule[] =>
    (written?.[verb] ?? []).flatMap((text) => {
      const parsed = parseRule(text, 'policy');
      return parsed.ok ? [parsed.rule] : [];
    });
  return { allow: rules('allow'), ask: rules('ask'), deny: rules('deny') };
}

export function listPermissions(permissions: Permissions): [key: string, value: string][] {
  return verbs.map((verb) => [
    `permissions.${verb}`,
    permissions[verb].map(({ text }) => text).join(', ') || 'no rule',
  ]);
}
