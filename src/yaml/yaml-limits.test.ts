import { describe, expect, it } from 'vitest';
import { formatDiagnostic } from './diagnostic.ts';
import { maxAliases, maxDepth, maxScalars } from './yaml-limits.ts';
import { readYaml } from './yaml-source.ts';

function problemsOf(text: string): string[] {
  return readYaml('f.yaml', text).diagnostics.map(formatDiagnostic);
}

function nested(levels: number): string {
  return `x: ${'['.repeat(levels - 2)}${']'.repeat(levels - 2)}\n`;
}

describe('a YAML file', () => {
  it.each([
    ['flow lists', `${'['.repeat(100_000)}`, 'f.yaml:1:100 nested more than 100 levels deep'],
    ['flow mappings', '{a: '.repeat(50_000), 'f.yaml:1:'],
    ['block lists', `${'- '.repeat(50_000)}x`, 'f.yaml:1:'],
    [
      'block mappings',
      Array.from({ length: 1_500 }, (_, level) => `${' '.repeat(level)}a:`).join('\n'),
      'f.yaml:100:100 ',
    ],
  ])('of %s without end is refused at the level where it is too deep', (_, text, expected) => {
    const problems = problemsOf(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(expected);
    expect(problems[0]).toContain('nested more than 100 levels deep');
  });

  it('may use the whole of every limit', () => {
    expect(problemsOf(nested(maxDepth - 1))).toEqual([]);
    expect(problemsOf(`a: [${'x,'.repeat(maxScalars - 2)}]\n`)).toEqual([]);
    const aliases = Array.from({ length: maxAliases }, (_, n) => `l${n}: { v: &k${n} 1, w: *k${n} }\n`).join(
      '',
    );
    expect(problemsOf(aliases)).toEqual([]);
  });

  it('has bounded numbers of aliases, of values, of characters, and of problems that are told', () => {
    const chain = (length: number) =>
      Array.from({ length }, (_, n) => `a${n}: &a${n} [${n === 0 ? 1 : `*a${n - 1}`}]\n`).join('');
    expect(problemsOf(chain(5_000))).toEqual([
      'f.yaml:202:14 more than 200 aliases (`*name`); write the values out',
    ]);
    expect(problemsOf('a: 1\n'.repeat(50_000))).toEqual(['f.yaml:10001:1 more than 20,000 keys and values']);
    expect(problemsOf(`a: ${'x'.repeat(3_000_000)}`)).toEqual(['f.yaml:1:1 is larger than 2 MB']);
    const repeated = problemsOf('a: 1\n'.repeat(5_000));
    expect(repeated).toHaveLength(101);
    expect(repeated[0]).toBe('f.yaml:2:1 the key `a` appears twice');
    expect(repeated.at(-1)).toContain('and 4899 more problems');
  });

  it.each([
    [
      'an alias inside of what it names',
      'a: &a [*a]',
      'f.yaml:1:8 `*a` stands for something that it is in itself',
    ],
    [
      'a merge key',
      'a: &a { x: 1 }\nb:\n  <<: *a',
      'f.yaml:3:3 merge keys (`<<`) are not read; write the values out',
    ],
    ['a merge key of YAML 1.1', '%YAML 1.1\n---\nb:\n  <<: { x: 1 }', 'f.yaml:4:3 merge keys'],
    ['a binary value of YAML 1.1', '%YAML 1.1\n---\na: !!binary aGk=', 'f.yaml:3:4 plain values only'],
    ['a function', 'a: !!js/function "x"', 'f.yaml:1:4 plain values only'],
    ['a tag of its own', '%TAG ! tag:evil,2000:\n---\na: !run "x"', 'f.yaml:3:4 plain values only'],
    ['a NUL by an escape', 'a: 1\nb: ["x\\0y"]', 'f.yaml:2:5 not text: it contains a NUL'],
    ['half of a surrogate pair', 'a: "\\ud83d"', 'f.yaml:1:4 not text'],
    ['a NUL in a key', '"a\\0": 1', 'f.yaml:1:1 not text'],
    ['a key that is a list', '? [a]\n: 1', 'f.yaml:1:3 a key must be plain text'],
  ])('with %s is refused at its place', (_, text, expected) => {
    const { source, diagnostics } = readYaml('f.yaml', text);
    expect(source).toBeUndefined();
    expect(diagnostics.map(formatDiagnostic)[0]).toContain(expected);
  });

  it('with dates of YAML 1.1 gives the text that stands there', () => {
    expect(readYaml('f.yaml', '%YAML 1.1\n---\na: 2020-01-01\nb: yes').source?.value).toEqual({
      a: '2020-01-01',
      b: 'yes',
    });
  });

  it('with names that every object has gives an object with those names, and changes no other', () => {
    const { source } = readYaml(
      'f.yaml',
      '__proto__: { polluted: 1 }\nconstructor: { prototype: { polluted: 1 } }',
    );
    expect(Object.keys(source?.value ?? {})).toEqual(['__proto__', 'constructor']);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});
