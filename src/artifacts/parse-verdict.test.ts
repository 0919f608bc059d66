import { describe, expect, it } from 'vitest';
import { parseVerdict } from './parse-verdict.ts';

describe('a verdict', () => {
  it('of fail carries its findings', () => {
    const text = JSON.stringify({
      verdict: 'fail',
      summary: 's',
      findings: [{ message: 'm', file: 'a.ts', line: 4 }, { message: 'n' }],
    });
    expect(parseVerdict(text)).toEqual({
      verdict: {
        isPassed: false,
        summary: 's',
        findings: [
          { message: 'm', file: 'a.ts', line: 4 },
          { message: 'n', file: null, line: null },
        ],
      },
      problems: [],
    });
  });

  it('of pass may have notes, or none', () => {
    const notes = '{"verdict":"pass","summary":"s","findings":[{"message":"m","file":null,"line":null}]}';
    expect(parseVerdict(notes).verdict).toMatchObject({ isPassed: true, findings: [{ message: 'm' }] });
    expect(parseVerdict('{"verdict":"pass","summary":"s"}').verdict).toMatchObject({
      isPassed: true,
      findings: [],
    });
  });

  it.each([
    [
      'a fail without a finding',
      { verdict: 'fail', summary: 's', findings: [] },
      'findings: a fail must name at least one finding',
    ],
    ['another word', { verdict: 'passed', summary: 's' }, 'verdict: must be "pass" or "fail"'],
    ['no summary', { verdict: 'pass', summary: '' }, 'summary: must not be empty'],
    [
      'a line before the first',
      { verdict: 'pass', summary: 's', findings: [{ message: 'm', line: 0 }] },
      'findings[0].line: must be 1 or more',
    ],
    ['a key of its own', { verdict: 'pass', summary: 's', override: true }, 'override: is not a known key'],
  ])('with %s is refused', (_, value, problem) => {
    expect(parseVerdict(JSON.stringify(value))).toEqual({ verdict: undefined, problems: [problem] });
  });

  it('that is prose is refused', () => {
    expect(parseVerdict('LGTM, pass!').problems[0]).toMatch(/^not JSON/);
  });
});
