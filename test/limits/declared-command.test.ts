/** Steps without a model, and steps whose model the plan's complexity chooses. */
import { afterEach, expect, test } from 'vitest';
import { reportItem } from '../../src/views/item-report.ts';
import { deliver, smallFiles, smallTeam } from '../engine/small-team.ts';
import { createTestProject, type TestProject } from '../harness/project.ts';

const open: TestProject[] = [];
afterEach(async () => {
  for (const project of open.splice(0)) await project.remove();
});

const flow = `
name: tidy
description: A command and nothing else.
phases:
  - name: tidy
    steps: [{ role: formatter, commit: true }]
    gate: [{ commands: project }]
    on_fail: { back_to: tidy, with: findings, at_most: 1, then: ask engineering_lead }
  - name: ship
    submit: merge-queue
`;

function formatter(run: string, tools = 'Bash'): Record<string, string> {
  const mesh = (smallFiles['.mesh/mesh.yaml'] ?? '').replace('flow: feature', 'flow: tidy');
  const role = `---\nname: formatter\ndescription: Formats.\ntools: ${tools}\nmesh:\n  tier: none\n  run: ${run}\n---\nFormats the sources.\n`;
  return {
    ...smallFiles,
    '.mesh/mesh.yaml': mesh,
    '.mesh/flows/tidy.yaml': flow,
    '.mesh/roles/formatter.md': role,
  };
}

async function tidy(files: Record<string, string>): Promise<TestProject> {
  const project = await createTestProject({
    files,
    model: () => {
      throw new Error('a model was asked');
    },
  });
  open.push(project);
  await project.add('Tidy up');
  await project.run();
  return project;
}

test('a role that declares a command runs it in the cell without a model, and what it changed is committed', async () => {
  const project = await tidy(formatter('tr a-z A-Z < a.txt > b.txt'));
  const { status, head, costMicroUsd } = await project.item(1);
  expect([status, costMicroUsd]).toEqual(['ready', 0]);
  expect(await project.context.mirror.show(head ?? '', 'b.txt')).toBe('A\n');
  const { steps } = await reportItem(project.journal, 'test', 1);
  expect(steps).toMatchObject([{ model: 'none', tier: 'none', why: 'role formatter runs a command' }]);
  const all = await project.journal.readAll({ after: 0, limit: 1_000 });
  const tape = all.filter(({ stream }) => stream.startsWith('agent:')).map(({ kind }) => kind);
  expect(tape).toContain('tool.call_finished');
  expect(tape).not.toContain('model.call_intended');
});

test('a command that fails, or that its role may not run, fails its step with what it said', async () => {
  const failed = await tidy(formatter('echo "no such rule" && false'));
  expect((await failed.item(1)).pause).toMatchObject({ reason: 'breaker', steps: ['tidy/formatter'] });
  expect((await failed.item(1)).pause?.message).toContain('no such rule');
  const refused = await tidy(formatter('echo hello', 'Read'));
  expect((await refused.item(1)).pause?.message).toContain('refused');
});

test('the complexity that the plan gives a task chooses the tier of the model that builds it, and the tape says why', async () => {
  const tasks = [1, 5, 9].map((complexity) => ({
    id: `T${complexity}`,
    title: `of ${complexity}`,
    instructions: 'do it',
    after: [],
    complexity,
  }));
  const project = await createTestProject({
    files: smallFiles,
    model: smallTeam({ planner: (_, turn) => deliver(turn, 'plan.json', { summary: 'three', tasks }) }),
  });
  open.push(project);
  const number = await project.add('Three tasks');
  await project.run();
  expect((await project.item(number)).status).toBe('ready');
  const { steps } = await reportItem(project.journal, 'test', number);
  const built = steps.filter(({ role }) => role === 'developer').sort((a, b) => (a.step < b.step ? -1 : 1));
  expect(built.map(({ step, model, tier, why }) => [step, model, tier, why])).toEqual([
    ['build/T1/developer', 'claude-haiku-5-5', 'small', 'complexity 1 of the task'],
    ['build/T5/developer', 'claude-sonnet-5-5', 'medium', 'complexity 5 of the task'],
    ['build/T9/developer', 'claude-opus-5-5', 'frontier', 'complexity 9 of the task'],
  ]);
});
