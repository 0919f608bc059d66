/** The shape of a flow file as a person writes it; the JSON Schema for editors is generated from it. */
import { z } from 'zod';
import { artifactNameSchema, writtenArtifactSchema } from './artifact-name.ts';

/** In the design, not in this version: named as such instead of as unknown. */
export const laterFlowKeys: readonly string[] = [
  'beside',
  'loop',
  'until',
  'review_by',
  'revise',
  'approve_by',
  'approval',
  'contract',
  'open_questions',
  'environment',
  'lint',
  'when',
];

/** The file format's word. As a computed key, because a literal `then` makes an object look like a promise. */
const thenKey = 'then';

const phaseNameSchema = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_-]{0,39}$/, 'must be one word of letters, digits, `-` and `_`');

const stepSchema = z.strictObject({
  role: z.string().min(1).describe('A role of .mesh/roles, .claude/agents, or built in.'),
  reads: z.array(artifactNameSchema).optional().describe("Artifacts given to it. Default: the role's."),
  writes: z
    .array(writtenArtifactSchema)
    .optional()
    .describe("Artifacts it must deliver. Default: the role's."),
  commit: z.boolean().optional().describe('Its changes become one commit. Default: they are thrown away.'),
});

const gateSchema = z.strictObject({
  artifact: artifactNameSchema
    .optional()
    .describe('This artifact exists, and follows its schema if one is named.'),
  schema: z.enum(['plan', 'verdict']).optional(),
  commands: z
    .union([z.literal('project'), z.array(z.string().min(1)).min(1)])
    .optional()
    .describe("`project`: all of the project's checks; or the names of some."),
  verdict: artifactNameSchema.optional().describe('The verdict in this artifact is a pass.'),
});

const phaseSchema = z.strictObject({
  name: phaseNameSchema,
  steps: z.array(stepSchema).min(1).max(100).optional().describe('One after the other.'),
  parallel: z.array(stepSchema).min(1).max(100).optional().describe('Side by side.'),
  each: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*#\/tasks$/, 'must name the tasks of a plan: `plan.json#/tasks`')
    .optional()
    .describe('Runs `steps` once per task of a plan, ready tasks side by side.'),
  gate: z.array(gateSchema).min(1).max(100).optional().describe('All must pass before the next phase.'),
  on_fail: z
    .strictObject({
      back_to: z.string().optional().describe('This or an earlier phase. Default: this one.'),
      with: z.literal('findings').optional(),
      at_most: z.int().min(0).max(20).optional().describe('Default: 1.'),
      [thenKey]: z
        .string()
        .regex(/^ask [A-Za-z][A-Za-z0-9_-]*$/, 'must say who is asked: `ask engineering_lead`')
        .optional(),
    })
    .optional(),
  submit: z.literal('merge-queue').optional().describe('Ends the flow: the commit waits for a person.'),
});

export const flowSchema = z.strictObject({
  name: phaseNameSchema.optional().describe('Default: the name of the file.'),
  description: z.string().optional(),
  phases: z.array(phaseSchema).min(1).max(100),
});

export type FlowFile = z.infer<typeof flowSchema>;
export type PhaseFile = FlowFile['phases'][number];
export type StepFile = NonNullable<PhaseFile['steps']>[number];
export type GateFile = NonNullable<PhaseFile['gate']>[number];
