/** The shape of the front matter of a rule's file in a pack. */
import { z } from 'zod';
import { globSchema } from '../teams/glob-schema.ts';
import { parseScope } from './memory-scope.ts';
import { isTopic } from './memory-topic.ts';

export const ruleFileSchema = z.strictObject({
  id: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/, 'must be a short name: letters, digits, `-`, `_`, `.`'),
  kind: z.enum(['rule', 'pattern']),
  topic: z.string().max(200).refine(isTopic, 'must have at least two words, such as `phi.logging`'),
  scope: z
    .string()
    .max(2_000)
    .refine(
      (scope) => parseScope(scope) !== undefined && !scope.startsWith('item:'),
      'must be `mesh`, `team:<flow>` or `paths:<glob>,<glob>`',
    )
    .optional(),
  must_ask: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,79}$/, 'must be a kind of question, such as `compliance_question`')
    .optional(),
  when: z
    .strictObject({
      paths: z.array(globSchema).min(1).max(200),
      matches: z.string().min(1).max(500),
    })
    .optional(),
});

export type RuleFile = z.infer<typeof ruleFileSchema>;
