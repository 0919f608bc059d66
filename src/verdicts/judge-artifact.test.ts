import { describe, expect, test } from 'vitest';
import { judgeArtifact, judgeVerdict } from './judge-artifact.ts';

describe('an artifact', () => {
  test('passes when it is there and nothing is wrong with it', () => {
    expect(judgeArtifact('plan.json', true, [])).toEqual({
      isPassed: true,
      summary: 'plan.json is there',
      findings: [],
    });
  });

  test('fails when it was not delivered', () => {
    const judged = judgeArtifact('plan.json', false, []);
    expect(judged).toMatchObject({ isPassed: false, summary: 'plan.json is missing' });
    expect(judged.findings).toMatchObject([
      { source: 'artifact:plan.json', message: 'plan.json was not delivered' },
    ]);
  });

  test('fails with a finding per problem', () => {
    const judged = judgeArtifact('plan.json', true, ['tasks is empty', 'T1 comes after itself']);
    expect(judged.isPassed).toBe(false);
    expect(judged.summary).toBe('plan.json has 2 problems');
    expect(judged.findings.map((finding) => finding.message)).toEqual([
      'tasks is empty',
      'T1 comes after itself',
    ]);
  });
});

describe('a verdict', () => {
  test('that passes keeps its notes', () => {
    const note = { message: 'a nit', file: null, line: null };
    const judged = judgeVerdict({ isPassed: true, summary: 'good\n work', findings: [note] }, 'reviewer');
    expect(judged.isPassed).toBe(true);
    expect(judged.summary).toBe('reviewer: good work');
    expect(judged.findings).toHaveLength(1);
  });

  test('that fails gives its findings with the reviewer as their source', () => {
    const finding = { message: 'logs a patient id', file: 'notes.ts', line: 41 };
    const judged = judgeVerdict({ isPassed: false, summary: 'no', findings: [finding] }, 'reviewer');
    expect(judged.isPassed).toBe(false);
    expect(judged.findings).toEqual([{ source: 'verdict:reviewer', ...finding, output: null }]);
  });

  test('that fails without a finding still says why', () => {
    const judged = judgeVerdict({ isPassed: false, summary: '', findings: [] }, 'reviewer');
    expect(judged.findings).toMatchObject([{ message: 'refused without a reason' }]);
  });
});
