import { describe, expect, test } from 'vitest';
import { formatDiagnostic } from '../base/diagnostic.ts';
import { parseBrief } from './parse-brief.ts';

function problemsOf(text: string): string[] {
  return parseBrief('brief.md', text).diagnostics.map(formatDiagnostic);
}

describe('a brief', () => {
  test('without front matter takes its first heading as the title', () => {
    const { value } = parseBrief('brief.md', '\n# Export as CSV\n\nThe bookkeepers need it.\n');
    expect(value).toMatchObject({ title: 'Export as CSV', criteria: [], priority: 0, flow: null });
    expect(value?.text).toContain('The bookkeepers need it.');
  });

  test('of one line is both title and text', () => {
    expect(parseBrief('-', 'Fix the typo').value).toMatchObject({
      title: 'Fix the typo',
      text: 'Fix the typo',
    });
  });

  test('with front matter says title, criteria, priority, tags, flow and ceiling', () => {
    const text =
      '---\r\ntitle: CSV\r\ncriteria: [one, two]\r\npriority: 3\r\ntags: [a]\r\nflow: solo\r\nceiling_usd: 0.5\r\n---\r\nBody\r\n';
    expect(parseBrief('brief.md', text).value).toEqual({
      title: 'CSV',
      text: 'Body',
      criteria: ['one', 'two'],
      priority: 3,
      tags: ['a'],
      flow: 'solo',
      ceilingMicroUsd: 500_000,
    });
  });

  test('reports every problem of its front matter at its line, with a suggestion', () => {
    expect(problemsOf('---\ntitel: CSV\nceiling_usd: -1\n---\nBody\n')).toEqual([
      'brief.md:2:1 unknown key `titel`; did you mean `title`?',
      'brief.md:3:14 `ceiling_usd` must be more than 0, not `-1`',
    ]);
  });

  test('that says nothing, is not text, or is enormous is refused in one line', () => {
    expect(problemsOf('  \n\n')).toEqual(['brief.md:1:1 the brief says nothing: write what is wanted']);
    expect(problemsOf('a\0b')).toHaveLength(1);
    expect(problemsOf('x'.repeat(300_000))).toEqual(['brief.md:1:1 the brief is larger than 256 KB']);
  });

  test('with a ruler instead of front matter keeps its text', () => {
    expect(parseBrief('brief.md', 'Title\n\n---\n\nmore\n').value?.text).toContain('more');
  });
});
