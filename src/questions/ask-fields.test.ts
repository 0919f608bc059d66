import { describe, expect, it } from 'vitest';
import { alwaysThere } from '../../test/questions/people.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { askFields, askSchema, complianceFields, declineFields, optionFields } from './ask-fields.ts';
import { readAsk } from './ask-input.ts';
import { readDecline } from './decline-input.ts';

const option = { label: 'Export UTC', trade_off: 'Consistent with the raw data.' };
const ambiguity: JsonObject = {
  kind: 'requirement_ambiguity',
  topic: 'export.timezone',
  title: 'time zone of the export',
  building: 'The download of the medication history.',
  question: 'Which time zone goes into the export?',
  why_you: 'It is a decision about the product.',
  unblocks: 'Any one of the options.',
  options: [option, { ...option, label: 'Export local time' }],
  default: 1,
};
const compliance = {
  access_pattern: 'Every export reads the whole history of one patient.',
  reference: 'HIPAA 164.312(b)',
  suggestion: 'Log each export',
};
const { options: _, default: __, ...plain } = ambiguity;
const complianceQuestion: JsonObject = { ...plain, kind: 'compliance_question', compliance };
const refusal: JsonObject = {
  stance: 'refuse',
  what: 'Delete the log',
  why: 'It must be kept.',
  needed: 'Another brief.',
};

function askProblems(input: JsonObject, wasAsked = false): string[] {
  const reading = readAsk(input, { stakeholders: alwaysThere, item: 3, flow: 'feature', wasAsked });
  return reading.ok ? [] : reading.missing;
}

function declineProblems(input: JsonObject): string[] {
  const reading = readDecline(input, { item: 3, itemTitle: 'Export', role: 'developer' });
  return reading.ok ? [] : reading.missing;
}

/** Each way in which a text can be wrong, and the one line that says so. */
function wrongTexts(most: number): [string, Json | undefined, RegExp][] {
  return [
    ['missing', undefined, / is missing: /],
    ['null', null, / is missing: /],
    ['blank', ' \n', / is missing: /],
    ['a number', 7, / must be a text: /],
    ['a list', ['a'], / must be a text: /],
    ['too long', 'two words '.repeat(most), new RegExp(` has \\d+ characters, at most ${most} are read$`)],
  ];
}

function expectOneLine(problems: string[], name: string, line: RegExp): void {
  expect(problems).toEqual([expect.stringMatching(line)]);
  expect(problems[0]).toContain(name);
  expect(problems[0]).not.toContain('\n');
}

it('well-formed ones have nothing wrong', () => {
  expect([askProblems(ambiguity), askProblems(complianceQuestion), declineProblems(refusal)]).toEqual([
    [],
    [],
    [],
  ]);
});

describe.each(Object.entries(askFields).filter(([, { isRequired }]) => isRequired))(
  '%s of a question',
  (name, { most }) => {
    it.each(wrongTexts(most))('is named when it is %s', (_wrong, value, line) => {
      expectOneLine(askProblems({ ...ambiguity, [name]: value ?? null }), name, line);
    });
  },
);

describe.each(Object.entries(optionFields))('%s of an option', (name, { most }) => {
  it.each(wrongTexts(most))('is named with its option when it is %s', (_wrong, value, line) => {
    const options = [option, { ...option, [name]: value ?? null }];
    expectOneLine(askProblems({ ...ambiguity, options }), `option 2: ${name}`, line);
  });
});

describe.each(Object.entries(complianceFields))('%s of a compliance question', (name, { most }) => {
  it.each(wrongTexts(most))('is named when it is %s', (_wrong, value, line) => {
    const changed = { ...complianceQuestion, compliance: { ...compliance, [name]: value ?? null } };
    expectOneLine(askProblems(changed), `compliance.${name}`, line);
  });
});

describe.each(Object.entries(declineFields))('%s of what is declined', (name, { most }) => {
  it.each(wrongTexts(most))('is named when it is %s', (_wrong, value, line) => {
    expectOneLine(declineProblems({ ...refusal, [name]: value ?? null }), name, line);
  });
});

describe('everything else of a question', () => {
  it.each<[string, JsonObject, RegExp]>([
    ['no options', { options: null }, /^options must be 2 to 9, .*there are 0$/],
    ['options that are a text', { options: 'this or that' }, /^options must be 2 to 9, .*there are 0$/],
    ['one option', { options: [option] }, /^options must be 2 to 9, .*there are 1$/],
    [
      'more than one digit can answer',
      { options: Array.from({ length: 10 }, () => option) },
      /^options must be 2 to 9, .*there are 10$/,
    ],
    ['no default', { default: null }, /^default is missing: /],
    [
      'a default beyond the options',
      { default: 3 },
      /^default must be the number of an option, 1 to 2, not 3$/,
    ],
    [
      'a default that is a text',
      { default: '1' },
      /^default must be the number of an option, 1 to 2, not "1"$/,
    ],
    ['half a default', { default: 1.5 }, /^default must be the number of an option, 1 to 2, not 1.5$/],
    ['a scope that is none', { scope: 'everybody' }, /^scope must be mesh, team, item or paths:/],
    ['the scope of another item', { scope: 'item:4' }, /^scope must be mesh, team, item or paths:/],
    ['a scope that is a list', { scope: ['mesh'] }, /^scope must be a text: /],
    ['a field that there is not', { assignee: '@sarah-pm' }, /^there is no field "assignee"$/],
    [
      'what only a compliance question has',
      { compliance },
      /^compliance is only for kinds that begin with compliance$/,
    ],
  ])('%s: one line', (_what, change, line) => {
    expect(askProblems({ ...ambiguity, ...change })).toEqual([expect.stringMatching(line)]);
  });

  it.each<[string, JsonObject, RegExp]>([
    [
      'without its parts',
      { compliance: null },
      /^compliance is missing: .*access_pattern, reference, suggestion/,
    ],
    [
      'with a part that there is not',
      { compliance: { ...compliance, risk: 'low' } },
      /^there is no field "risk"$/,
    ],
    ['with options of its own', { options: [option, option] }, /^options must be left out: /],
  ])('a compliance question %s: one line', (_what, change, line) => {
    expect(askProblems({ ...complianceQuestion, ...change })).toEqual([expect.stringMatching(line)]);
  });

  it('is told all at once, in the order in which it is described', () => {
    const problems = askProblems({ kind: 'requirement_ambiguity', topic: 'timezone', default: 1 });
    expect(problems.map((line) => line.split(' ')[0])).toEqual([
      'title',
      'building',
      'question',
      'why_you',
      'unblocks',
      'topic',
      'options',
    ]);
  });

  it('needs a default only where one would be taken', () => {
    const { default: _default, ...undecided } = ambiguity;
    expect(askProblems(undecided)).toHaveLength(1);
    expect(askProblems({ ...undecided, kind: 'gtm_dependency' })).toEqual([]);
    expect(askProblems(undecided, true)).toEqual([]);
  });
});

it('declining takes a stance, and no field that there is not', () => {
  expect(declineProblems({ ...refusal, stance: 'maybe' })).toEqual([
    'stance must be refuse or need_information',
  ]);
  expect(declineProblems({ ...refusal, urgent: true })).toEqual(['there is no field "urgent"']);
});

it('the description that a model gets asks for the very fields that are read', () => {
  expect(askSchema).toMatchObject({
    required: Object.entries(askFields).flatMap(([name, { isRequired }]) => (isRequired ? [name] : [])),
    additionalProperties: false,
  });
  expect(Object.keys(askSchema.properties as JsonObject).toSorted()).toEqual(
    [...Object.keys(askFields), 'options', 'default', 'compliance'].toSorted(),
  );
});
