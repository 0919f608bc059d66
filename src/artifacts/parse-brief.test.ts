import { describe, expect, test } from 'vitest';
import { formatDiagnostic } from '../yaml/diagnostic.ts';
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

  test('with more or other front matter than a brief has is refused at its place', () => {
    const list = (count: number) => `[${Array(count).fill('x').join(', ')}]`;
    expect(problemsOf('---\ntitle: "a\\n#1 LANDED"\n---\nx')).toEqual([
      'brief.md:2:8 `title` must be one line',
    ]);
    expect(problemsOf('---\ncriteria: ["a\\0b"]\n---\nx')[0]).toContain('brief.md:2:12 not text');
    expect(problemsOf(`---\ncriteria: ${list(101)}\n---\nx`)).toEqual([
      'brief.md:2:11 `criteria` must have at most 100 entries',
    ]);
    expect(problemsOf(`---\ntags: ${list(51)}\n---\nx`)).toEqual([
      'brief.md:2:7 `tags` must have at most 50 entries',
    ]);
    expect(problemsOf(`---\nceiling_usd: 1e300\n---\nx`)).toEqual([
      'brief.md:2:14 `ceiling_usd` must be at most 1000000',
    ]);
    expect(problemsOf(`---\ntitle: ${'['.repeat(50_000)}\n---\nx`)[0]).toContain('nested more than');
  });

  test('with front matter of another language is refused, and nothing of it is executed', () => {
    expect(problemsOf('---js\nprocess.exit(0)\n---\nDo it\n')).toEqual([
      'brief.md:1:1 the brief has front matter of another language; begin it with `---` alone on its line',
    ]);
  });

  test('whose first line is long keeps whole characters in its title', () => {
    const { value } = parseBrief('brief.md', `${'x'.repeat(119)}\u{1f600} and more`);
    expect(value?.title).toBe(`${'x'.repeat(119)}\ufffd`);
  });

  test('with a ruler instead of front matter keeps its text', () => {
    expect(parseBrief('brief.md', 'Title\n\n---\n\nmore\n').value?.text).toContain('more');
  });
});
