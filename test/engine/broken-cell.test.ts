import { afterEach, expect, test } from 'vitest';
import type { Cell } from '../../src/cells/cell.ts';
import { createTestProject, type TestProject } from '../harness/project.ts';
import { smallFiles, smallTeam } from './small-team.ts';

const open: TestProject[] = [];
afterEach(async () => {
  for (const project of open.splice(0)) await project.remove();
});

/** Cells of gates end under their first command, as often as `times` says. */
async function startWithBrokenGates(times: number): Promise<TestProject> {
  let broken = 0;
  const project = await createTestProject({
    files: smallFiles,
    model: smallTeam(),
    change: (context) => ({
      ...context,
      driver: {
        ...context.driver,
        open: async (spec) => {
          const cell: Cell = await context.driver.open(spec);
          if (!spec.id.includes('gate') || broken >= times) return cell;
          broken += 1;
          return {
            ...cell,
            exec: async () => {
              await cell.close();
              throw new Error(`cell ${spec.id} ended: killed`);
            },
          };
        },
      },
    }),
  });
  open.push(project);
  return project;
}

test('a cell that ends under the checks is tried once more, and nobody is sent back for it', async () => {
  const project = await startWithBrokenGates(1);
  const number = await project.add('One bad cell');
  await project.run();
  const state = await project.item(number);
  expect(state).toMatchObject({ status: 'ready', sentBack: {} });
});

test('checks whose cell always ends are a red gate that a person gets to see, and the worker goes on', async () => {
  const project = await startWithBrokenGates(100);
  const number = await project.add('Only bad cells');
  await project.run();
  const state = await project.item(number);
  expect(state.status).toBe('paused');
  expect(state.phase?.gates.at(-1)?.findings[0]?.message).toContain('the checks broke off twice');
});
