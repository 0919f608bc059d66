import { describe, expect, it } from 'vitest';
import { parsePlan } from './parse-plan.ts';
import { parseVerdict } from './parse-verdict.ts';

const task = (change: object) => ({ id: 'T1', title: 'a', instructions: 'b', after: [], ...change });
const plan = (tasks: unknown) => JSON.stringify({ summary: 's', tasks });
const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
const manyKeys = JSON.stringify(Object.fromEntries(Array.from({ length: 50_000 }, (_, n) => [`k${n}`, n])));

describe('JSON of an agent', () => {
  it.each<[string, string, string | RegExp]>([
    ['100,000 levels', deep, 'expected object, received array'],
    ['100,000 levels inside', `{"summary":"s","tasks":[${deep}]}`, /^tasks\[0\]: expected object/],
    ['100,000 levels that do not close', '['.repeat(100_000), /^not JSON: /],
    ['50 MB', plan([task({ instructions: 'x'.repeat(50_000_000) })]), 'is longer than 1,000,000 characters'],
    [
      '10,000 tasks',
      plan(Array.from({ length: 10_000 }, (_, n) => task({ id: `T${n}` }))),
      /at most 40 tasks/,
    ],
    ['a task that waits for itself', plan([task({ after: ['T1'] })]), /in a circle: T1 → T1$/],
    [
      'a task that waits for 10,000',
      plan([task({ after: Array(10_000).fill('T2') })]),
      /more than 40 tasks$/,
    ],
    ['an id that is a path', plan([task({ id: '../../x' })]), /^tasks\[0\]\.id: must be/],
    ['an id with control characters', plan([task({ id: 'a\u001b[2J' })]), /^tasks\[0\]\.id: must be/],
    ['an id that every object has', plan([task({ id: '__proto__' })]), /^tasks\[0\]\.id: is a reserved word/],
    [
      'another id that every object has',
      plan([task({ id: 'constructor' })]),
      /^tasks\[0\]\.id: is a reserved/,
    ],
    ['a name of 900,000 characters', plan([task({ after: ['x'.repeat(900_000)] })]), /there is no task/],
    ['a key of 900,000 characters', JSON.stringify({ ['k'.repeat(900_000)]: 1 }), /^summary: /],
    ['a gigantic number', '{"summary":1e999,"tasks":-1e999}', /^summary: expected string/],
  ])('with %s is answered in a few short sentences', (_, text, first) => {
    const { plan: read, problems } = parsePlan(text);
    expect(read).toBeUndefined();
    expect(problems[0]).toMatch(first);
    expect(problems.join('\n').length).toBeLessThan(700);
  });

  it('with 50,000 mistakes names the first twenty and counts the others', () => {
    for (const { problems } of [parsePlan(manyKeys), parseVerdict(manyKeys)]) {
      expect(problems).toHaveLength(21);
      expect(problems.at(-1)).toMatch(/^and 499\d\d more problems$/);
    }
  });

  it('with what the journal cannot hold is kept, with U+FFFD in its place, in values, keys and messages', () => {
    expect(
      parsePlan('{"summary":"a\\u0000\\ud800","tasks":[{"id":"T1","title":"b\\u0000","instructions":"c"}]}')
        .plan,
    ).toEqual({
      summary: 'a\ufffd\ufffd',
      tasks: [{ id: 'T1', title: 'b\ufffd', instructions: 'c', after: [] }],
    });
    const { problems } = parsePlan(
      '{"\\ud800\\u0000":1,"tasks":[{"id":"T1","title":"t","instructions":"i","after":["\\u0000"]}],"summary":"s"}',
    );
    expect(problems).toEqual(['\ufffd\ufffd: is not a known key']);
    const { problems: others } = parsePlan(plan([task({ after: ['\0'] })]));
    expect(others).toEqual(['tasks[0].after[0]: there is no task `\ufffd`']);
  });

  it('with keys that every object has changes no object', () => {
    const text =
      '{"verdict":"pass","summary":"s","__proto__":{"findings":[]},"constructor":{"prototype":{"polluted":1}}}';
    expect(parseVerdict(text).problems).toEqual([
      '__proto__: is not a known key',
      'constructor: is not a known key',
    ]);
    expect(parseVerdict('{"__proto__":{"verdict":"pass","summary":"s"}}').verdict).toBeUndefined();
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it('with a key twice means its last one, as every reader of JSON has it', () => {
    expect(parseVerdict('{"verdict":"fail","verdict":"pass","summary":"s"}').verdict?.isPassed).toBe(true);
  });
});
