/** An agent that will not go on, or cannot: what it wrote as a question with answers that the platform offers. Pure. */
import type { JsonObject } from '../base/json.ts';
import { declineFields } from './ask-fields.ts';
import type { AskReading } from './ask-input.ts';
import { ownKinds, type QuestionOption } from './question.ts';
import { noteUnknown, readFields } from './read-fields.ts';

/**
 * By number: what a person may answer when an agent refuses. The second is carried out by the platform; what is to be done instead
 * takes words, so it has no number.
 */
export const refusalAnswers = { goOnWithout: 1, cancelItem: 2 } as const;

const refusalOptions: readonly QuestionOption[] = [
  { label: 'Go on without it', tradeOff: 'The agent leaves it out and finishes the rest.' },
  { label: 'Cancel the item', tradeOff: 'Its work ends here; the branch is kept.' },
];

export function readDecline(
  input: JsonObject,
  asker: { item: number; itemTitle: string; role: string },
): AskReading {
  const problems: string[] = [];
  noteUnknown(input, [...Object.keys(declineFields), 'stance'], problems);
  const { stance } = input;
  if (stance !== 'refuse' && stance !== 'need_information')
    problems.push('stance must be refuse or need_information');
  const { what, why, needed } = readFields(input, declineFields, { path: '', problems });
  if (problems.length > 0) return { ok: false, missing: problems };
  const isRefusal = stance === 'refuse';
  const { item, itemTitle, role } = asker;
  return {
    ok: true,
    key: {
      kind: isRefusal ? ownKinds.refusal : ownKinds.information,
      // Of its own words: what was answered to one refusal does not answer another.
      topic: `${isRefusal ? 'refused' : 'needed'}.${wordsOf(what)}`,
      scope: `item:${item}`,
    },
    text: {
      title: cut(`${role} ${isRefusal ? 'refuses' : 'needs to know'}: ${what}`, 80),
      building: itemTitle,
      question: `${what}\n${why}`,
      options: isRefusal ? refusalOptions : [],
      whyYou: 'The brief is yours to change.',
      unblocks: isRefusal ? `One of these, or in words what is to be done instead. ${needed}` : needed,
      defaultOption: null,
      compliance: null,
    },
  };
}

function wordsOf(text: string): string {
  const words = text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);
  return words.slice(0, 12).join('.') || 'it';
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).toWellFormed()}…`;
}
