/** Reads a plan artifact and refuses one that could not be worked off: unknown or cyclic dependencies, doubled ids. */
import { z } from 'zod';
import { isOwnName } from '../base/json.ts';
import { describeProblem, type JsonProblem, parseJson, shorten } from './parse-json.ts';
import type { Plan, PlanTask } from './plan.ts';

const textSchema = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(20_000, 'is longer than 20,000 characters');

const mostTasks = 40;

const planSchema = z.strictObject({
  summary: textSchema,
  tasks: z
    .array(
      z.strictObject({
        id: z
          .string()
          .regex(/^[A-Za-z0-9_-]{1,40}$/, 'must be 1 to 40 letters, digits, `_` or `-`')
          .refine(isOwnName, 'is a reserved word; choose another'),
        title: textSchema,
        instructions: textSchema,
        complexity: z.int().min(1).max(10).optional(),
        after: z.array(z.string()).max(mostTasks, `names more than ${mostTasks} tasks`).default([]),
      }),
    )
    .min(1, 'a plan needs at least one task')
    .max(mostTasks, `a plan has at most ${mostTasks} tasks; make them larger or split the brief`),
});

/** `problems` are sentences for the planner; empty exactly when there is a plan. */
export function parsePlan(text: string): { plan: Plan | undefined; problems: string[] } {
  const { plan, problems } = findPlan(text);
  return { plan, problems: problems.map(describeProblem) };
}

/** As parsePlan, with the place of each problem. */
export function findPlan(text: string): { plan: Plan | undefined; problems: JsonProblem[] } {
  const { value, problems } = parseJson(text, planSchema);
  if (!value) return { plan: undefined, problems };
  const found = findTaskProblems(value.tasks);
  return found.length > 0 ? { plan: undefined, problems: shorten(found) } : { plan: value, problems: [] };
}

/** Each task after those that it depends on; otherwise as the plan has them. The plan has no cycle. */
export function orderTasks(plan: Plan): PlanTask[] {
  const ordered: PlanTask[] = [];
  const placed = new Set<string>();
  let waiting = plan.tasks;
  while (waiting.length > 0) {
    const next = waiting.find((task) => task.after.every((id) => placed.has(id)));
    if (!next) throw new RangeError('the plan has a cycle or names an unknown task');
    ordered.push(next);
    placed.add(next.id);
    waiting = waiting.filter((task) => task !== next);
  }
  return ordered;
}

function findTaskProblems(tasks: readonly PlanTask[]): JsonProblem[] {
  const problems: JsonProblem[] = [];
  const firstIndex = new Map<string, number>();
  for (const [index, task] of tasks.entries()) {
    const first = firstIndex.get(task.id);
    if (first === undefined) firstIndex.set(task.id, index);
    else
      problems.push({
        path: ['tasks', index, 'id'],
        message: `task ${first + 1} has the id \`${task.id}\` too`,
      });
  }
  for (const [index, task] of tasks.entries()) {
    for (const [position, id] of task.after.entries()) {
      if (!firstIndex.has(id))
        problems.push({ path: ['tasks', index, 'after', position], message: `there is no task \`${id}\`` });
    }
  }
  const cycle = problems.length === 0 ? findCycle(tasks) : undefined;
  const start = cycle?.[0];
  if (cycle && start !== undefined)
    problems.push({
      path: ['tasks', firstIndex.get(start) ?? 0, 'after'],
      message: `the tasks wait for each other in a circle: ${[...cycle, start].join(' → ')}`,
    });
  return problems;
}

/** Ids along the first cycle found, in the direction "comes after"; the first id is not repeated. */
function findCycle(tasks: readonly PlanTask[]): string[] | undefined {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const done = new Set<string>();
  const visit = (id: string, trail: readonly string[]): string[] | undefined => {
    const seenAt = trail.indexOf(id);
    if (seenAt >= 0) return trail.slice(seenAt);
    if (done.has(id)) return undefined;
    for (const before of byId.get(id)?.after ?? []) {
      const cycle = visit(before, [...trail, id]);
      if (cycle) return cycle;
    }
    done.add(id);
    return undefined;
  };
  for (const task of tasks) {
    const cycle = visit(task.id, []);
    if (cycle) return cycle;
  }
  return undefined;
}
