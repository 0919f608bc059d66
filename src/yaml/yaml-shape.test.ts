import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { checkShape, suggestWord } from './yaml-shape.ts';
import { readYaml } from './yaml-source.ts';

const schema = z.strictObject({
  version: z.literal(1),
  steps: z
    .array(z.union([z.string(), z.strictObject({ run: z.string(), minutes: z.number().optional() })]))
    .optional(),
  prices: z.record(z.string(), z.strictObject({ usd: z.number() })).optional(),
});

function check(text: string, laterKeys: string[] = []) {
  const { source } = readYaml('f.yaml', text);
  if (!source) throw new Error('not readable');
  return checkShape(source, schema, { laterKeys });
}
const messages = (text: string) =>
  check(text).diagnostics.map((each) => `${each.line}:${each.col} ${each.message}`);

describe('the shape of a file', () => {
  it('has no problem when it fits', () => {
    const { value, diagnostics } = check('version: 1\nsteps: [a, { run: b }]\n');
    expect(diagnostics).toEqual([]);
    expect(value).toEqual({ version: 1, steps: ['a', { run: 'b' }] });
  });

  it('with thousands of mistakes has the first hundred told and the others counted, none of them longer than a line', () => {
    const keys = Array.from({ length: 5_000 }, (_, n) => `k${n}: 1\n`).join('');
    const many = messages(`version: 1\n${keys}`);
    expect(many).toHaveLength(101);
    expect(many.at(-1)).toContain('and 4900 more problems');
    const long = messages(`version: 1\n${'k'.repeat(1_000)}: 1\nprices: { ${'p'.repeat(1_000)}: {} }\n`);
    expect(Math.max(...long.map((line) => line.length))).toBeLessThan(200);
  });

  it('is judged by the form that was meant where two are possible', () => {
    expect(messages('version: 1\nsteps:\n  - { run: a, minuts: 3 }\n')).toEqual([
      '3:15 unknown key `minuts`; did you mean `minutes`?',
    ]);
    expect(messages('version: 1\nsteps: [7]\n')).toEqual([
      '2:9 `steps[0]` must be text or a mapping (`key: value` lines), not `7`',
    ]);
  });

  it('names keys of a later version as such', () => {
    expect(check('version: 1\nlater: x\n', ['later']).diagnostics[0]?.message).toBe(
      '`later` is not available in this version',
    );
  });

  it('leaves what is usable, so that further problems can be found in the same run', () => {
    const { value, usable } = check(
      'version: 3\ncolour: red\nsteps: [a]\nprices: { m: { eur: 1 }, n: { usd: 2 } }\n',
    );
    expect(value).toBeUndefined();
    expect(usable).toEqual({ version: 1, steps: ['a'], prices: { n: { usd: 2 } } });
  });
});

describe('a suggestion', () => {
  it('is made for a slip of the fingers and not for another word', () => {
    expect(suggestWord('ceiling', ['ceilings', 'checks'])).toBe('; did you mean `ceilings`?');
    expect(suggestWord('colour', ['ceilings', 'checks'])).toBe('');
    expect(suggestWord('anything', [])).toBe('');
  });
});
