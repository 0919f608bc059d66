import { describe, expect, it } from 'vitest';
import { lintOutput } from './lint-output.ts';

const code = (content: string, name = 'plan.md') => lintOutput([{ kind: 'code_in_output' }], name, content);

describe('code_in_output', () => {
  it.each([
    ['a block of a programming language', 'Do this:\n\n```ts\nconst a = 1;\n```', 'plan.md:3'],
    ['a block in a list', '- so:\n  ```python\n  x = 1\n  ```', 'plan.md:2'],
    ['a block with tildes and attributes', '~~~ {.java}\nint a;\n~~~', 'plan.md:1'],
    ['a patch', '```diff\n- a\n+ b\n```', 'plan.md:1'],
    ['a block that does not say what it is', '```\nfunction a(b) {\n  return b;\n}\n```', 'plan.md:2'],
    ['a block without an end', 'x\n```sh\nrm -rf x', 'plan.md:2'],
    [
      'code between paragraphs',
      'First.\n\nexport function add(a, b) {\n  return a + b;\n}\n\nThen.',
      'plan.md:3',
    ],
    ['Python without a block', 'import os\ndef run(x):\n    return os.getcwd()\n', 'plan.md:1'],
    ['SQL without a block', 'CREATE TABLE a (\n  id int);\nSELECT id FROM a;\n', 'plan.md:1'],
  ])('is found: %s', (_, content, place) => {
    const [first = ''] = code(content);
    expect(first).toContain(`${place}: code`);
  });

  it.each([
    [
      'prose with names',
      'Call `addOrder(order)` in src/orders.ts; it returns the id (a string).\nThen stop.\nDone.',
    ],
    ['a table', '| a | b |\n|---|---|\n| x = 1; | y; |\n| z(); | {} |'],
    [
      'lists of rules',
      '- if (a) fails: stop;\n- return early;\n- const values stay;\n1. import nothing;\n2. x;\n3. y;',
    ],
    ['a diagram', '```mermaid\ngraph TD;\nA-->B;\nB-->C;\n```'],
    ['an example of data', '```json\n{ "a": 1 };\n```\n```yaml\na: 1\nb: 2\nc: 3\n```'],
    ['a block that says nothing and is no code', '```\nsrc/\n  orders.ts\n  export.ts\n```'],
    ['two lines that look like code', 'a = 1;\nb = 2;\n'],
    [
      'sentences that begin like code',
      'If the order is old, return it.\nFor each item we ask.\nWhile that lasts, wait.\nReturn early.',
    ],
    ['what comes after a block', '```json\n{}\n```\nThen it ends.\n'],
  ])('is not found in %s', (_, content) => expect(code(content)).toEqual([]));

  it('is found in the strings of JSON, at the line where the string is', () => {
    const plan = { summary: 'x', tasks: [{ instructions: 'Write:\n```ts\nlet a;\n```' }] };
    expect(code(JSON.stringify(plan, null, 2), 'plan.json')).toEqual([
      expect.stringContaining('plan.json:5: code'),
    ]);
    expect(code(JSON.stringify({ ...plan, tasks: [] }), 'plan.json')).toEqual([]);
    expect(code('{ "a": "```ts', 'plan.json')).toEqual([]);
  });
});

describe('other output lints', () => {
  it('find open ends, as words and not as parts of others', () => {
    const todo = (text: string) => lintOutput([{ kind: 'todo_in_output' }], 'a.md', text);
    expect(todo('x\nTODO: decide\ny FIXME')).toEqual([
      expect.stringContaining('a.md:2'),
      expect.stringContaining('a.md:3'),
    ]);
    expect(todo('mastodon TODOS todo')).toEqual([]);
  });

  it("find a person's own patterns and say their message", () => {
    const lint = {
      kind: 'pattern',
      name: 'no-dates',
      pattern: '\\b20\\d\\d-\\d\\d\\b',
      message: 'no dates',
    } as const;
    expect(lintOutput([lint], 'a.md', 'soon\n2026-11\n')).toEqual(['a.md:2: no dates (no-dates)']);
    expect(lintOutput([], 'a.md', '2026-11')).toEqual([]);
  });

  it('stop a pattern that would not end, and refuse what it could not judge', () => {
    const lint = { kind: 'pattern', name: 'slow', pattern: '^(a+)+$', message: 'x' } as const;
    expect(lintOutput([lint], 'a.md', `${'a'.repeat(60)}b`)).toEqual([
      expect.stringContaining('could not be tried out in time'),
    ]);
  });

  it('show the first findings and count the rest', () => {
    const found = lintOutput([{ kind: 'todo_in_output' }], 'a.md', 'TODO\n'.repeat(14));
    expect(found).toHaveLength(11);
    expect(found.at(-1)).toBe('and 4 more');
  });
});
