/** The shape of a role file's front matter. Claude Code's keys are read as they come; ours, under `mesh`, strictly. */
import { z } from 'zod';
import { isOwnName } from '../base/json.ts';
import { artifactNameSchema, writtenArtifactSchema } from './artifact-name.ts';

const namesSchema = z.union([z.string(), z.array(z.string())]);
const globSchema = z
  .string()
  .min(1)
  .max(500)
  .refine(
    (glob) => !glob.startsWith('/') && !glob.startsWith('!') && !glob.split('/').includes('..'),
    'must be a glob inside the repository, without a leading `/` or `!`',
  );

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
        .strictObject({ read: z.array(globSchema).optional(), write: z.array(globSchema).optional() })
        .optional(),
      max_turns: z.int().min(1).max(100_000).optional(),
      never: z.array(z.string()).optional(),
      tiers: z.record(z.string(), z.string()).optional(),
    })
    .optional(),
});

export type RoleFile = z.infer<typeof roleSchema>;
