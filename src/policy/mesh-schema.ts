/**
 * The shape of `.mesh/mesh.yaml` as a person writes it: dollars, minutes, kilobytes, short forms. The JSON Schema
 * for editors is generated from it; what it means for the engine is decided in load-policy.ts.
 */
import { z } from 'zod';
import { agentNameSchema, agentsSchema } from './agents-schema.ts';
import { ceilingsSchema, degradeSchema } from './ceilings-schema.ts';
import { channelsSchema } from './channels-schema.ts';
import { permissionsSchema } from './permission-settings.ts';
import { secretsSchema } from './secrets-schema.ts';
import { priceSchema } from './usd-schema.ts';

/** A command line, a model id, a branch: nobody writes longer ones. */
const textSchema = z.string().trim().min(1).max(20_000);
/** Entries of a list or mapping. */
const maxEntries = 200;
const countSchema = z.int().min(1).max(100_000);
const tierModelSchema = textSchema.optional();
const complexitySchema = z.int().min(1).max(10);
/** Per minute. */
const rateSchema = z.number().gt(0).max(1_000_000_000);
const minutesSchema = z
  .number()
  .gt(0)
  .max(24 * 60);
const nameSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9:._ -]{0,79}$/, 'must be a short name: letters, digits, `-`, `_`, `.`, `:`');
const hostSchema = z
  .string()
  .regex(
    /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:\d{1,5})?$/,
    'must be a host name, with a port if it needs one, without `https://` or a path',
  );
const hostNameSchema = z
  .string()
  .regex(/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/, 'must be a host name, without a port');
const relativePathSchema = z
  .string()
  .min(1)
  .refine(
    (path) => !path.startsWith('/') && !path.split('/').includes('..'),
    'must be a path inside the repository',
  );
const absolutePathSchema = z.string().regex(/^\//, 'must be an absolute path');

const setupStepSchema = z.strictObject({
  run: textSchema.describe('A shell command line, run in the workspace before any agent works there.'),
  lockfiles: z
    .array(relativePathSchema)
    .optional()
    .describe('Files whose content decides whether the cached result can be used.'),
  hosts: z.array(hostSchema).optional().describe('The only hosts it may reach.'),
  timeout_minutes: minutesSchema.optional(),
});

const checkSchema = z.strictObject({
  name: nameSchema,
  run: textSchema.describe('A shell command line; exit code 0 is green.'),
  timeout_minutes: minutesSchema.optional(),
});

export const meshSchema = z.strictObject({
  version: z.literal(1).describe('Version of this file format.'),
  project: nameSchema
    .optional()
    .describe('Name under which items, costs and logs are kept. Default: the folder.'),
  target: textSchema.optional().describe('Branch that items land on. Default: the branch checked out.'),
  models: z
    .strictObject({
      provider: z.enum(['scripted', 'anthropic', 'openai-compatible']).optional(),
      scenario: textSchema.optional().describe('Scenario file of the scripted provider.'),
      default: textSchema.optional().describe('Exact model id for roles that name none.'),
      aliases: z
        .record(z.string(), textSchema)
        .optional()
        .describe('Short names used in role files → exact model ids.'),
      max_output_tokens: z.int().min(256).max(128_000).optional(),
      tiers: z
        .strictObject({ small: tierModelSchema, medium: tierModelSchema, frontier: tierModelSchema })
        .optional()
        .describe('Which model (alias or exact id) stands for each tier.'),
      route: z
        .strictObject({ small_up_to: complexitySchema.optional(), medium_up_to: complexitySchema.optional() })
        .optional()
        .describe('Which complexity (1–10) of a plan task goes to which tier; above: frontier.'),
      equals: z
        .record(z.string(), z.array(textSchema).max(maxEntries))
        .optional()
        .describe(
          'Model → models that may take its calls while it is not to be had: `model` or `provider:model`. A dearer one never does.',
        ),
    })
    .optional(),
  ceilings: ceilingsSchema.optional(),
  degrade: degradeSchema.optional(),
  limits: z
    .strictObject({
      items_at_once: countSchema.optional(),
      turns: countSchema.optional().describe('Model calls of one agent run.'),
      breaker: countSchema
        .optional()
        .describe('Consecutive failures of one step after which it is not started again without a person.'),
      step_attempts: countSchema.optional().describe('Older name of `breaker`.'),
      repetitions: z
        .int()
        .min(2)
        .max(1_000)
        .optional()
        .describe(
          'How often an agent may do the same with the same result before it is told, and then ended.',
        ),
      rates: z
        .strictObject({
          provider: z
            .strictObject({
              calls_per_minute: rateSchema.optional(),
              tokens_per_minute: rateSchema.optional(),
            })
            .optional(),
          tools: z.record(z.string(), rateSchema).optional().describe('Tool → calls per minute.'),
          hosts: z.record(hostNameSchema, rateSchema).optional().describe('Host → connections per minute.'),
        })
        .optional()
        .describe('Hold for all worker processes together.'),
      call_attempts: countSchema.optional(),
      step_minutes: minutesSchema.optional(),
      command_minutes: minutesSchema.optional(),
    })
    .optional(),
  team: z
    .strictObject({
      flow: textSchema.optional().describe('A flow of .mesh/flows, or built in: solo, trio, feature.'),
      agent: agentNameSchema
        .optional()
        .describe('The coding agent of roles that name none: claude-code, opencode or one of `agents`.'),
      seats: z
        .record(z.string(), z.int().min(1).max(64))
        .optional()
        .describe('How many agents of a role work at once.'),
    })
    .optional(),
  agents: agentsSchema.optional(),
  setup: z
    .array(z.union([textSchema, setupStepSchema]))
    .max(maxEntries)
    .optional()
    .describe('Prepares a workspace; cached by lockfile.'),
  checks: z
    .array(z.union([textSchema, checkSchema]))
    .max(maxEntries)
    .optional()
    .describe('What decides whether work is done, run on the whole repository.'),
  baseline: z
    .enum(['refuse', 'no_worse'])
    .optional()
    .describe('When a check is already red: start nothing, or let nothing get worse.'),
  cells: z
    .strictObject({
      driver: z.enum(['auto', 'bubblewrap', 'process']).optional(),
      allow_no_isolation: z.boolean().optional(),
      memory_mb: z.int().min(64).max(1_048_576).optional(),
      processes: z.int().min(8).max(100_000).optional(),
      output_kb: z.int().min(1).max(102_400).optional(),
      file_kb: z.int().min(1).max(1_048_576).optional(),
      readable: z
        .array(absolutePathSchema)
        .optional()
        .describe('Further absolute paths that cells may read.'),
    })
    .optional(),
  permissions: permissionsSchema.optional(),
  secrets: secretsSchema.optional(),
  channels: channelsSchema.optional(),
  packs: z
    .array(nameSchema)
    .max(maxEntries)
    .optional()
    .describe('Folders of rules in .mesh/packs, or built in, that every prompt shows.'),
  prices: z
    .record(
      z.string(),
      z.strictObject({
        input_usd_per_million: priceSchema,
        output_usd_per_million: priceSchema,
        cache_read_usd_per_million: priceSchema.optional().describe('Default: the input price.'),
        cache_write_usd_per_million: priceSchema
          .optional()
          .describe('Default: twice the input price, the dearest known.'),
      }),
    )
    .optional()
    .describe('Prices by exact model id; they win over the built-in snapshot.'),
});

export type MeshFile = z.infer<typeof meshSchema>;
