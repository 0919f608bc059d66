/**
 * The shape of `.mesh/stakeholders.yaml` as a person writes it: handles, minutes, hours of the day. The JSON Schema for editors
 * is generated from it; what it means for the engine is decided in build-stakeholders.ts.
 */
import { z } from 'zod';
import { suggestWord } from '../yaml/yaml-shape.ts';

/** More people or kinds than this is a directory, not a map. */
const maxEntries = 500;

function mapping<T extends z.ZodType>(schema: T) {
  return z
    .record(z.string(), schema)
    .refine((entries) => Object.keys(entries).length <= maxEntries, `has more than ${maxEntries} entries`)
    .optional();
}

const handleSchema = z
  .string()
  .regex(/^@?[^\s@]{1,99}$/, 'must be the handle of a person or a team, such as "@sarah-pm"');
const placeSchema = z
  .string()
  .regex(/^\S{1,80}$/, 'must be a channel, such as "#product-questions"')
  .describe('Where the question is posted. In quotes: a bare # begins a comment.');
const roleSchema = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_-]{0,49}$/, 'must be one word, such as cto or engineering_lead');
const clockTimeSchema = z
  .string()
  .regex(/^(([01]?\d|2[0-3]):[0-5]\d|24:00)$/, 'must be a time of the day, such as "09:00"');

export const weekDays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const hoursSchema = z
  .strictObject({
    zone: z.string().min(1).max(80).describe('IANA time zone, such as Europe/Berlin.'),
    days: z.array(z.enum(weekDays)).max(7).optional().describe('Default: Monday to Friday.'),
    from: clockTimeSchema,
    to: clockTimeSchema,
  })
  .describe('When they are at work. Default: always.');

const personSchema = z
  .strictObject({
    role: roleSchema.optional().describe('cto, engineering_lead…: who `escalate_to_<role>` means.'),
    hours: hoursSchema.optional(),
    deputy: handleSchema.optional().describe('Is asked, and may answer, in their place.'),
    attention_limit: z
      .int()
      .min(1)
      .max(100)
      .optional()
      .describe('Questions that are open with them at once; the rest waits in order. Default: 5.'),
    slack: z
      .string()
      .regex(/^[UW][A-Z0-9]{2,20}$/, 'must be a Slack member id, such as U0123ABCD')
      .optional()
      .describe('Their member id, for mentions and to know who answers.'),
  })
  .nullable();

const actions = ['default_and_flag', 'pause_all_clusters', 'escalate_to_cto', 'escalate_to_engineering_lead'];

const onTimeoutSchema = z
  .string()
  .regex(/^(default_and_flag|pause_all_clusters|escalate_to_[A-Za-z][A-Za-z0-9_-]{0,49})$/, {
    error: ({ input }) =>
      `must be \`default_and_flag\`, \`pause_all_clusters\` or \`escalate_to_<role>\`${suggestWord(String(input), actions)}`,
  })
  .describe('What happens when nobody answers within the SLA.');

const routeSchema = z.strictObject({
  primary: handleSchema.describe('Who is asked first.'),
  fallback: handleSchema.optional().describe('Who is asked next.'),
  secondary: handleSchema.optional().describe('Who is asked after that.'),
  channel: placeSchema.optional(),
  sla_minutes: z
    .number()
    .gt(0)
    .max(129_600)
    .describe('Time to answer, after which `on_timeout` happens. At most 90 days.'),
  on_timeout: onTimeoutSchema.optional(),
  requires_acknowledgment: z
    .boolean()
    .optional()
    .describe('The first SLA is for “I have seen it”; the answer has one more.'),
  block_cluster: z.boolean().optional().describe('The cluster stops until it is answered.'),
  non_blocking: z
    .boolean()
    .optional()
    .describe('The item is parked, and without `on_timeout` nothing is ever taken by default.'),
  writes_to_shared_memory: z.boolean().optional().describe('The answer binds the whole mesh.'),
  clock: z
    .enum(['always', 'working_hours'])
    .optional()
    .describe('When the SLA runs. Default: always where it blocks, else in working hours.'),
});

const tierSchema = z.strictObject({
  approvers: z.array(handleSchema).min(1).max(maxEntries).optional(),
  people: z.int().min(1).max(2).optional().describe('Distinct people who must say yes.'),
  window_hours: z
    .number()
    .gt(0)
    .max(24 * 90)
    .optional()
    .describe('How long a yes holds, and after which a request is asked anew.'),
  channel: placeSchema.optional(),
});

export const stakeholdersSchema = z.strictObject({
  people: mapping(personSchema).describe(
    'Handle → what is known of them. Who has no entry has the defaults.',
  ),
  escalation_routes: mapping(routeSchema).describe(
    'Kind of question → who decides it, where, by when, and what follows if nobody does.',
  ),
  approval_tiers: mapping(tierSchema).describe(
    'Tier → who may approve. Built in: external and money (one, 24 h), infrastructure (two, 48 h).',
  ),
  engineering_lead: handleSchema
    .optional()
    .describe('Fills gaps, and is asked last. Default: whoever has that role under `people`.'),
  rehearsal: z
    .boolean()
    .optional()
    .describe('Minutes run as seconds, to try the map out; every message says so.'),
});

export type StakeholdersFile = z.infer<typeof stakeholdersSchema>;
export type RouteFile = z.infer<typeof routeSchema>;
export type TierFile = z.infer<typeof tierSchema>;
export type PersonFile = z.infer<typeof personSchema>;
export type HoursFile = z.infer<typeof hoursSchema>;
