/** What an agent fills in when it asks or declines: one table for the description that its model gets and for the check. */
import type { JsonObject } from '../base/json.ts';

export interface TextField {
  about: string;
  /** Characters. What is longer is no question but a document. */
  most: number;
  isRequired: boolean;
}

export type TextFields = Readonly<Record<string, TextField>>;

export const askFields = {
  kind: needed(60, 'What it is about, as stakeholders.yaml names it, e.g. requirement_ambiguity.'),
  topic: needed(
    80,
    'At least two words joined by dots, e.g. export.timezone. Reuse the topic of an open or decided question.',
  ),
  scope: optional(
    400,
    'What the answer is to bind: mesh (default), team, item, or paths:<glob>,<glob> for parts of the repository.',
  ),
  title: needed(80, 'A few words for lists.'),
  building: needed(400, 'What you are building, for somebody who knows nothing of it.'),
  question: needed(800, 'The question itself.'),
  why_you: needed(240, 'Why the person who is asked, and not somebody else, is to decide it.'),
  unblocks: needed(240, 'What you can go on with once it is answered.'),
} as const satisfies TextFields;

export const optionFields = {
  label: needed(120, 'Stands alone as a decision, e.g. “Export UTC with a timezone label”.'),
  trade_off: needed(240, 'What it costs or brings.'),
} as const satisfies TextFields;

export const complianceFields = {
  access_pattern: needed(400, 'Exactly who would read or write which data, how, and where it goes.'),
  reference: needed(240, 'The rule or regulation, with its section.'),
  suggestion: needed(400, 'What you suggest, so that yes or no answers it.'),
} as const satisfies TextFields;

export const declineFields = {
  what: needed(240, 'What you will not do, or cannot go on with, in one sentence.'),
  why: needed(800, 'Why.'),
  needed: needed(400, 'What would let you go on.'),
} as const satisfies TextFields;

export const fewestOptions = 2;
/** One digit is enough to answer. */
export const mostOptions = 9;

export const askSchema: JsonObject = objectSchema(askFields, {
  options: {
    type: 'array',
    minItems: fewestOptions,
    maxItems: mostOptions,
    items: objectSchema(optionFields, {}),
    description: 'Numbered from 1. Left out for compliance questions, which are answered yes or no.',
  },
  default: {
    type: 'integer',
    minimum: 1,
    description:
      'Number of the option that is taken when nobody answers in time. May be left out only where nothing is taken by default.',
  },
  compliance: {
    ...objectSchema(complianceFields, {}),
    description: 'Required for kinds that begin with compliance, and only for them.',
  },
});

export const declineSchema: JsonObject = objectSchema(
  declineFields,
  {
    stance: {
      type: 'string',
      enum: ['refuse', 'need_information'],
      description:
        'refuse: you will not do what you were asked. need_information: you cannot go on without something.',
    },
  },
  ['stance'],
);

function objectSchema(fields: TextFields, more: JsonObject, moreRequired: string[] = []): JsonObject {
  const properties: JsonObject = {};
  for (const [name, { about }] of Object.entries(fields))
    properties[name] = { type: 'string', description: about };
  const required = Object.entries(fields).flatMap(([name, { isRequired }]) => (isRequired ? [name] : []));
  return {
    type: 'object',
    properties: { ...properties, ...more },
    required: [...required, ...moreRequired],
    additionalProperties: false,
  };
}

function needed(most: number, about: string): TextField {
  return { about, most, isRequired: true };
}

function optional(most: number, about: string): TextField {
  return { about, most, isRequired: false };
}
