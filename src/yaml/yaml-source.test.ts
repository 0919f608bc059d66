import { describe, expect, it } from 'vitest';
import { diagnosticAt, readYaml, sortDiagnostics } from './yaml-source.ts';

const text = 'a: 1\nlist:\n  - x\n  - { key: y }\nempty:\n';

describe('a YAML file', () => {
  it('knows the place of values, keys, list entries and empty values', () => {
    const { source } = readYaml('f.yaml', text);
    expect(source?.locate(['a'])).toEqual({ file: 'f.yaml', line: 1, col: 4 });
    expect(source?.locateKey(['list'])).toEqual({ file: 'f.yaml', line: 2, col: 1 });
    expect(source?.locate(['list', 0])).toEqual({ file: 'f.yaml', line: 3, col: 5 });
    expect(source?.locate(['list', 1, 'key'])).toEqual({ file: 'f.yaml', line: 4, col: 12 });
    expect(source?.locate(['empty'])).toEqual({ file: 'f.yaml', line: 5, col: 1 });
  });

  it('gives the nearest enclosing place for what is not there', () => {
    const { source } = readYaml('f.yaml', text);
    expect(source?.locate(['list', 1, 'other'])).toEqual({ file: 'f.yaml', line: 4, col: 5 });
    expect(source?.locate(['list', 9])).toEqual({ file: 'f.yaml', line: 3, col: 3 });
    expect(source?.locate(['nothing', 'below'])).toEqual({ file: 'f.yaml', line: 1, col: 1 });
  });

  it('counts from the line of the file on which the text begins', () => {
    expect(readYaml('f.md', 'a: 1\n', { firstLine: 2 }).source?.locate(['a']).line).toBe(2);
    expect(readYaml('f.md', 'a: @\n', { firstLine: 2 }).diagnostics[0]?.line).toBe(2);
  });

  it('finds values behind an alias', () => {
    const { source } = readYaml('f.yaml', 'base: &b { x: 1 }\nuse: *b\n');
    expect(source?.value).toEqual({ base: { x: 1 }, use: { x: 1 } });
    expect(source?.locate(['use', 'x'])).toEqual({ file: 'f.yaml', line: 1, col: 15 });
  });

  it('is not read when a key is no plain text', () => {
    const { source, diagnostics } = readYaml('f.yaml', '? [a]\n: 1\n');
    expect(source).toBeUndefined();
    expect(diagnostics).toEqual([
      { severity: 'error', file: 'f.yaml', line: 1, col: 3, message: 'a key must be plain text' },
    ]);
  });

  it('keeps a key named __proto__ as data', () => {
    const { source } = readYaml('f.yaml', '__proto__: { isAdmin: true }\n');
    expect(Object.keys(source?.value ?? {})).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>).isAdmin).toBeUndefined();
  });
});

describe('diagnostics', () => {
  it('are sorted by file in the order of first mention, then by line and column', () => {
    const at = (file: string, line: number, col: number) =>
      diagnosticAt({ file, line, col }, `${file}${line}${col}`);
    const sorted = sortDiagnostics([at('b', 2, 1), at('a', 1, 1), at('b', 1, 9), at('b', 1, 2)]);
    expect(sorted.map((each) => each.message)).toEqual(['b12', 'b19', 'b21', 'a11']);
  });
});
