/** What an artifact may be called, and the two that exist without a step writing them. */
import { z } from 'zod';
import { isOwnName } from '../base/json.ts';

export const givenArtifacts: readonly string[] = ['brief.md', 'findings'];

const nameRule = 'must be a plain file name such as `plan.json`: letters, digits, `.`, `-`, `_`';
export const artifactNameSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/, { error: nameRule, abort: true })
  .refine(isOwnName, 'is a word of the language that this is written in; choose another');

/** Also a name that a step may write. */
export const writtenArtifactSchema = artifactNameSchema.refine(
  (name) => !givenArtifacts.includes(name),
  'is given to every step and cannot be written by one',
);
