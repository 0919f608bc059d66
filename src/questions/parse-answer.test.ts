import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAnswer } from './parse-answer.ts';
import type { QuestionOption } from './question.ts';

const option = (label: string): QuestionOption => ({ label, tradeOff: 'None.' });
const times = {
  options: ['Export UTC', 'Export local time', 'Export both'].map(option),
  compliance: null,
};
const access = {
  options: ['Log only the hash', 'Do not log it'].map(option),
  compliance: { accessPattern: 'p', reference: 'r', suggestion: 's' },
};

const chosen = (number: number | null, text: string | null = null) => ({
  act: 'answer',
  answer: { option: number, text },
});

describe('what a person types is read as', () => {
  it.each([
    ['2', chosen(2)],
    [' 2. ', chosen(2)],
    ['#3', chosen(3)],
    ['option 2', chosen(2)],
    ['Option 2, but only for admins', chosen(2, 'but only for admins')],
    ['1 - as long as it is labelled', chosen(1, 'as long as it is labelled')],
    ['export both!', chosen(3)],
    ['use your judgment', chosen(null)],
    ['Use your judgement.', chosen(null)],
    ['2 hours of local time would do', chosen(null, '2 hours of local time would do')],
    ['2024-style timestamps', chosen(null, '2024-style timestamps')],
    ['Neither: ask the client', chosen(null, 'Neither: ask the client')],
    ['ack', { act: 'acknowledge' }],
    ['not mine, compliance_question', { act: 'reroute', toKind: 'compliance_question' }],
    ['Not mine, this is kind `gtm_dependency`', { act: 'reroute', toKind: 'gtm_dependency' }],
    ['not mine, it is an architectural_decision', { act: 'reroute', toKind: 'architectural_decision' }],
    ['not mine: GTM dependency', { act: 'reroute', toKind: 'gtm_dependency' }],
    ['not mine, compliance-question', { act: 'reroute', toKind: 'compliance_question' }],
  ])('%s', (text, meant) => {
    expect(parseAnswer(text, times)).toEqual(meant);
  });

  it.each(['', '  ', '0', '4', 'option 12', 'yes', 'no', 'not mine'])('unclear: “%s”', (text) => {
    expect(parseAnswer(text, times)).toMatchObject({ act: 'unclear', hint: expect.any(String) });
  });

  it.each(['2', 'yes', 'no', '90 days', 'option 1 of the brief'])(
    'words, where there are no options: “%s”',
    (text) => {
      expect(parseAnswer(text, { options: [], compliance: null })).toEqual(chosen(null, text));
    },
  );

  it('nothing, with a hint that names what there is to choose from', () => {
    const hintOf = (question: typeof times) => (parseAnswer('', question) as { hint: string }).hint;
    expect(hintOf(times)).toBe(
      'Answer with a number from 1 to 3, in words of your own, or with `use your judgment`.',
    );
    expect(hintOf({ options: [], compliance: null })).toBe(
      'Answer in words of your own, or with `use your judgment`.',
    );
  });

  it('a yes or a no to a compliance question: the suggested resolution, or the other one', () => {
    expect([parseAnswer('Yes', access), parseAnswer('no.', access)]).toEqual([chosen(1), chosen(2)]);
  });

  it('a yes to the one option that says yes', () => {
    const raise = { options: ['No, pause', 'Yes, go on'].map(option), compliance: null };
    expect([parseAnswer('y', raise), parseAnswer('no', raise)]).toEqual([chosen(2), chosen(1)]);
  });
});

it('an option is never one that the question does not have', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 30 }), (text) => {
      const reply = parseAnswer(text, times);
      if (reply.act !== 'answer' || reply.answer.option === null) return;
      expect([1, 2, 3]).toContain(reply.answer.option);
    }),
  );
});
