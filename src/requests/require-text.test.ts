import { describe, expect, it } from 'vitest';
import type { Brief } from '../artifacts/parse-brief.ts';
import { personHandle } from './person-handle.ts';
import { maxReason, requireBrief, requireText } from './require-text.ts';

const brief: Brief = {
  title: 't',
  text: 'x',
  criteria: [],
  priority: 0,
  tags: [],
  flow: null,
  ceilingMicroUsd: null,
};

describe('what a person types', () => {
  it('is taken up to its limit and refused beyond it', () => {
    requireText('the reason', 'x'.repeat(maxReason), maxReason);
    expect(() => requireText('the reason', 'x'.repeat(maxReason + 1), maxReason)).toThrow(
      'the reason has 4001 characters; at most 4000 are taken',
    );
  });

  it.each<[string, Partial<Brief>, string]>([
    ['a NUL in the title', { title: 'a\0' }, 'the title is not plain text'],
    ['half a surrogate pair in the text', { text: '\ud83d' }, 'the brief is not plain text'],
    ['a NUL in a criterion', { criteria: ['x', 'a\0'] }, 'number 2 of the criteria is not plain text'],
    ['a NUL in a tag', { tags: ['\0'] }, 'number 1 of the tags is not plain text'],
    ['a NUL in the flow', { flow: '\0' }, 'the flow is not plain text'],
    ['a long title', { title: 'x'.repeat(201) }, 'the title has 201 characters'],
    ['a long criterion', { criteria: ['x'.repeat(2_001)] }, 'number 1 of the criteria has 2001 characters'],
    ['many criteria', { criteria: Array(101).fill('x') }, 'there are 101 criteria; at most 100 are taken'],
    ['many tags', { tags: Array(51).fill('x') }, 'there are 51 tags; at most 50 are taken'],
  ])('as a brief with %s is refused in one line', (_, change, message) => {
    requireBrief(brief);
    expect(() => requireBrief({ ...brief, ...change })).toThrow(message);
  });
});

describe("a person's handle", () => {
  it('is the same however its letters were composed', () => {
    expect(personHandle(' Ade\u0301la ')).toBe('Ad\u00e9la');
    expect(personHandle('\u0430\u0434\u0430')).toBe('\u0430\u0434\u0430');
  });

  it('is the same with and without its @', () => {
    expect(personHandle('@sarah-pm')).toBe('sarah-pm');
  });

  it.each([
    '',
    '@',
    '  ',
    'a\0',
    'a\nb',
    'a\tb',
    'a\u001b[2J',
    'a\u202eb',
    'a\u200bb',
    '\ud83d',
    'x'.repeat(101),
  ])('that hides or steers is refused: %j', (given) => {
    expect(() => personHandle(given)).toThrow("the person's name cannot be used");
  });
});
