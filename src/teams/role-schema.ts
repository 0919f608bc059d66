/** The shape of a role file's front matter. Claude Code's keys are read as they come; ours, under `mesh`, strictly. */
import { z } from 'zod';
import { isOwnName } from '../base/json.ts';
import { askEntriesSchema, tierNameSchema } from '../permissions/ask-entry.ts';
import { artifactNameSchema, writtenArtifactSchema } from './artifact-name.ts';
import { globSchema } from './glob-schema.ts';

const namesSchema = z.union([z.string(), z.array(z.string())]);

const rulesSchema = z.array(z.string().trim().min(1).max(500)).max(200);
const lintSchema = z.strictObject({
  name: z.string().trim().min(1).max(80),
  pattern: z.string().min(1).max(500),
  message: z.string().trim().min(1).max(500),
});

export const roleSchema = z.looseObject({
  name: z
    .string()
    .regex(
      /^[A-Za-z][A-Za-z0-9_-]{0,63}$/,
      'must be one word of letters, digits, `-` and `_`, such as `code-reviewer`',
    )
    .refine(isOwnName, 'is a word of the language that this is written in; choose another'),
  description: z.string().trim().min(1),
  tools: namesSchema.nullish(),
  disallowedTools: namesSchema.nullish(),
  model: z.string().trim().min(1).nullish(),
  effort: z.union([z.string(), z.number()]).nullish(),
  maxTurns: z.int().min(1).nullish(),
  permissionMode: z.string().nullish(),
  mesh: z
    .strictObject({
      reads: z.array(artifactNameSchema).optional(),
      writes: z.array(writtenArtifactSchema).optional(),
      paths: z
        .strictObject({
          read: z.array(globSchema).optional(),
          write: z.union([z.array(globSchema), z.literal('changed')]).optional(),
        })
        .optional(),
      agent: z
        .string()
        .regex(/^[a-z][a-z0-9-]{0,63}$/, 'must be the name of an agent of mesh.yaml, or `own`')
        .optional()
        .describe(
          'The coding agent that is seated: claude-code, opencode, one of `agents` in mesh.yaml, or own.',
        ),
      max_turns: z.int().min(1).max(100_000).optional(),
      tier: z.enum(['none', 'small', 'medium', 'frontier']).optional(),
      run: z.string().trim().min(1).max(20_000).optional(),
      permissions: z
        .strictObject({
          allow: rulesSchema.optional(),
          ask: askEntriesSchema.optional(),
          deny: rulesSchema.optional(),
        })
        .optional(),
      never: z
        .array(z.union([z.string().max(200), lintSchema]))
        .max(100)
        .optional(),
      tiers: z
        .record(tierNameSchema, z.enum(['ask', 'deny']))
        .optional()
        .describe('What needs the yes of an approval tier: `ask` (the default) or, for this role, `deny`.'),
    })
    .optional(),
});

export type RoleFile = z.infer<typeof roleSchema>;
