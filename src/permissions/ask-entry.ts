/** An entry under `ask`, as a person writes it: a rule alone, or a rule with the approval tier whose yes it needs. */
import { z } from 'zod';
import { type AskRule, defaultAskTier, type PermissionRule } from './permission-rule.ts';

const ruleSchema = z.string().trim().min(1).max(500);

export const tierNameSchema = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,39}$/, 'must be the name of an approval tier, such as `external`');

export const askEntriesSchema = z
  .array(z.union([ruleSchema, z.strictObject({ rule: ruleSchema, tier: tierNameSchema })]))
  .max(200);

export type AskEntry = z.infer<typeof askEntriesSchema>[number];

/** The rule's text. */
export function ruleTextOf(entry: AskEntry): string {
  return typeof entry === 'string' ? entry : entry.rule;
}

export function withTier(rule: PermissionRule, entry: AskEntry): AskRule {
  return { ...rule, tier: typeof entry === 'string' ? defaultAskTier : entry.tier };
}
