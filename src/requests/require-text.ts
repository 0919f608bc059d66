/** What persons type on their way into the journal: of a size that people write, and nothing that no text has. */
import type { Brief } from '../artifacts/parse-brief.ts';
import { briefLimits } from '../artifacts/parse-brief.ts';
import { MeshwrightError } from '../base/errors.ts';
import { findUnstorableText } from '../base/json.ts';

/** Characters of a reason or a message. */
export const maxReason = 4_000;

/** @throws MeshwrightError `usage`. `what` begins the sentence: `the reason`. */
export function requireText(what: string, text: string, most: number): void {
  if (text.length > most)
    throw refuse(`${what} has ${text.length} characters; at most ${most} are taken`, 'Make it shorter.');
  if (findUnstorableText(text) !== undefined)
    throw refuse(`${what} is not plain text`, 'Give text without NUL characters and in UTF-8.');
}

/** A brief as it is added, with what the command line put to it. @throws MeshwrightError `usage`. */
export function requireBrief(brief: Brief): void {
  requireText('the title', brief.title, briefLimits.title);
  requireText('the brief', brief.text, Number.POSITIVE_INFINITY);
  requireList('criteria', brief.criteria, {
    entries: briefLimits.criteria,
    characters: briefLimits.criterion,
  });
  requireList('tags', brief.tags, { entries: briefLimits.tags, characters: briefLimits.tag });
  requireText('the flow', brief.flow ?? '', briefLimits.flow);
}

function requireList(
  what: string,
  texts: readonly string[],
  most: { entries: number; characters: number },
): void {
  if (texts.length > most.entries)
    throw refuse(
      `there are ${texts.length} ${what}; at most ${most.entries} are taken`,
      'Name the ones that matter.',
    );
  for (const [index, text] of texts.entries())
    requireText(`number ${index + 1} of the ${what}`, text, most.characters);
}

function refuse(message: string, hint: string): MeshwrightError {
  return new MeshwrightError('usage', message, { hint, exitCode: 2 });
}
