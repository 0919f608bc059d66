import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDiagnostic } from '../yaml/diagnostic.ts';
import { orderTasks, parsePlan } from './parse-plan.ts';
import { parsePlanFile } from './parse-plan-file.ts';

const task = (id: string, after: string[] = []) => ({ id, title: 't', instructions: 'i', after });
const plan = (...tasks: object[]) => JSON.stringify({ summary: 's', tasks });

describe('a plan', () => {
  it('is read when it can be worked off', () => {
    expect(parsePlan(plan(task('T1'), { id: 'T2', title: 't', instructions: 'i' }))).toEqual({
      plan: { summary: 's', tasks: [task('T1'), task('T2')] },
      problems: [],
    });
  });

  it.each([
    ['is not JSON', '{ "summary": ', /^not JSON: /],
    ['is another value', '[]', /^expected object/],
    ['has no tasks', plan(), 'tasks: a plan needs at least one task'],
    [
      'has too many tasks',
      plan(...Array.from({ length: 41 }, (_, n) => task(`T${n}`))),
      /^tasks: a plan has at most 40/,
    ],
    [
      'has a task with an odd id',
      plan(task('T 1')),
      'tasks[0].id: must be 1 to 40 letters, digits, `_` or `-`',
    ],
    ['has keys that nobody reads', plan({ ...task('T1'), agent: 'x' }), 'tasks[0].agent: is not a known key'],
    [
      'says nothing to do',
      plan({ ...task('T1'), instructions: ' ' }),
      'tasks[0].instructions: must not be empty',
    ],
    ['uses an id twice', plan(task('A'), task('A')), 'tasks[1].id: task 1 has the id `A` too'],
    ['waits for a stranger', plan(task('A', ['B'])), 'tasks[0].after[0]: there is no task `B`'],
    [
      'waits for itself',
      plan(task('A', ['A'])),
      'tasks[0].after: the tasks wait for each other in a circle: A → A',
    ],
    [
      'waits in a circle',
      plan(task('T0', ['T1']), task('T1', ['T2']), task('T2', ['T1'])),
      'tasks[1].after: the tasks wait for each other in a circle: T1 → T2 → T1',
    ],
  ])('that %s is refused', (_, text, problem) => {
    const parsed = parsePlan(text);
    expect(parsed.plan).toBeUndefined();
    expect(parsed.problems).toHaveLength(1);
    expect(parsed.problems[0]).toMatch(problem);
  });

  it('is told all its problems at once', () => {
    expect(parsePlan(plan(task('A', ['X', 'Y']), task('A'))).problems).toHaveLength(3);
  });

  it('of any shape is either ordered so that every task comes after those it needs, or refused for a circle', () => {
    const edges = fc.array(fc.tuple(fc.nat(7), fc.nat(7)), { maxLength: 16 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), edges, (count, pairs) => {
        const tasks = Array.from({ length: count }, (_, id) =>
          task(
            `T${id}`,
            pairs.filter(([to, from]) => to === id && from < count).map(([, from]) => `T${from}`),
          ),
        );
        const parsed = parsePlan(plan(...tasks));
        if (!parsed.plan) {
          const circle = /circle: (.*)$/.exec(parsed.problems[0] ?? '')?.[1]?.split(' → ') ?? [];
          expect(circle.length).toBeGreaterThan(1);
          for (const [index, id] of circle.slice(0, -1).entries())
            expect(tasks.find((each) => each.id === id)?.after).toContain(circle[index + 1]);
          return;
        }
        const order = orderTasks(parsed.plan).map((each) => each.id);
        expect(order.toSorted()).toEqual(tasks.map((each) => each.id).toSorted());
        for (const each of tasks)
          for (const before of each.after) expect(order.indexOf(before)).toBeLessThan(order.indexOf(each.id));
      }),
    );
  });
});

describe('a plan file', () => {
  it('gives the line and column of each problem', () => {
    const text =
      '{\n  "summary": "s",\n  "tasks": [\n    { "id": "A", "title": "t", "instructions": "i", "after": ["B"] },\n    { "id": "A", "title": "t", "instructions": "i" }\n  ]\n}\n';
    expect(parsePlanFile('plan.json', text).diagnostics.map(formatDiagnostic)).toEqual([
      'plan.json:4:63 tasks[0].after[0]: there is no task `B`',
      'plan.json:5:13 tasks[1].id: task 1 has the id `A` too',
    ]);
  });

  it('that is no JSON points at the place where it stops being it, where that is known', () => {
    const { value, diagnostics } = parsePlanFile('plan.json', '{\n  "summary": "s"\n  "tasks": []\n}');
    expect(value).toBeUndefined();
    expect(diagnostics).toHaveLength(1);
    expect(diagnostics[0]).toMatchObject({ file: 'plan.json', line: 3, col: 3 });
  });
});
