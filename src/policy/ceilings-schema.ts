/** How a person writes ceilings and what agents do when little is left: parts of mesh.yaml, and the whole of the host's own file. */
import { z } from 'zod';
import { ceilingSchema } from './usd-schema.ts';

const windowSchema = ceilingSchema.optional();
const raiseBySchema = z
  .array(z.string().regex(/^@?[^\s@]{1,99}$/, 'must be the handle of a person, such as @sarah-pm'))
  .max(200)
  .optional()
  .describe('Who may raise a ceiling. Default: everybody who may run commands.');

export const ceilingsSchema = z.strictObject({
  item_usd: ceilingSchema.optional().describe('Hard ceiling of one item, all its agents together.'),
  agent_usd: ceilingSchema.optional().describe('Hard ceiling of one agent run.'),
  step_usd: ceilingSchema.optional().describe('Hard ceiling of one step, all its attempts together.'),
  cluster_day_usd: windowSchema.describe('Hard ceiling of one cluster in a day (UTC).'),
  cluster_month_usd: windowSchema.describe('Hard ceiling of one cluster in a month (UTC).'),
  mesh_day_usd: windowSchema.describe('Hard ceiling of the whole project in a day (UTC).'),
  mesh_month_usd: windowSchema.describe('Hard ceiling of the whole project in a month (UTC).'),
  threshold: z
    .number()
    .min(0.001)
    .max(1)
    .optional()
    .describe('Share of a ceiling at which people are told. Default: 0.8.'),
  raise_by: raiseBySchema,
});

export const degradeSchema = z
  .array(
    z.strictObject({
      below: z.number().gt(0).max(1).describe('Share that is left of the tightest account.'),
      tier: z.enum(['small', 'medium', 'frontier']).optional().describe('No dearer models than this.'),
      attempts: z.int().min(1).max(100).optional().describe('Attempts of one model call.'),
      narrow: z.boolean().optional().describe('Agents are told to finish the narrowest useful part.'),
    }),
  )
  .max(20)
  .describe('What agents do when little is left of a ceiling.');

/** `$MESHWRIGHT_HOME/host.yaml`. */
export const hostFileSchema = z.strictObject({
  ceilings: z
    .strictObject({ day_usd: windowSchema, month_usd: windowSchema, raise_by: raiseBySchema })
    .optional(),
});

export type CeilingsFile = z.infer<typeof ceilingsSchema>;
export type DegradeFile = z.infer<typeof degradeSchema>;
export type HostFile = z.infer<typeof hostFileSchema>;
