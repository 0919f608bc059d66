/** Files that people have to approve: a change that they said yes to is kept, one that went another way is not. */
import { afterEach, expect, it } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import type { Brain } from '../../src/gateway/scripted/scripted-provider.ts';
import { itemStream } from '../../src/items/item-stream.ts';
import { readApproval } from '../../src/questions/approval-record.ts';
import { answerApproval } from '../../src/requests/approve.ts';
import { call, say, smallFiles, smallTeam } from '../engine/small-team.ts';
import { createTestProject, type TestProject } from '../harness/project.ts';
import { engineeringLead } from './releasing-team.ts';

const open: TestProject[] = [];
afterEach(async () => {
  for (const project of open.splice(0)) await project.remove();
});

const input = { path: 'migrations/1.sql', content: 'drop table orders;\n' };
const rule = '{ rule: "Edit(migrations/**)", tier: money }';

async function start(model: Brain): Promise<TestProject> {
  const mesh = `${smallFiles['.mesh/mesh.yaml']}permissions: { ask: [${rule}] }\n`;
  const files = { ...smallFiles, '.mesh/mesh.yaml': mesh };
  const project = await createTestProject({ files, model, stakeholders: engineeringLead });
  open.push(project);
  await project.add('# Migrate');
  await project.run();
  return project;
}

const developing = (first: ReturnType<typeof call>): Brain =>
  smallTeam({
    developer: (request, turn) => {
      if (turn > 0) return say('done');
      return request.seat.task === 'T1' ? first : call('write', { path: 'other.txt', content: 'x\n' });
    },
  });

it('a file that people said yes to is written and kept', async () => {
  const project = await start(developing(call('write', input)));
  const approval = await readApproval(project.journal, 'test', 1);
  const word = {
    name: 'A-1',
    verdict: 'approve',
    by: '@alex-engineering-lead',
    via: 'cli',
    why: '',
  } as const;
  const place = { journal: project.journal, newId, project: 'test', stakeholders: engineeringLead };
  await answerApproval({ ...word, ...place, actionHash: approval?.actionHash ?? '', nowMs: Date.now() });
  await project.run();
  expect((await project.item(1)).status).toBe('ready');
  expect(await project.context.mirror.show('refs/heads/mesh/1', input.path)).toBe(input.content);
}, 60_000);

it('a file that was changed without their yes, by a command, is not', async () => {
  const command = 'mkdir -p migrations && echo x > migrations/1.sql';
  const project = await start(developing(call('shell', { command })));
  expect((await project.item(1)).status).not.toBe('ready');
  const events = await project.journal.read(itemStream('test', 1));
  const failed = events.filter(({ kind }) => kind === 'step.failed').map(({ data }) => data.reason);
  expect(new Set(failed)).toEqual(new Set(['out_of_scope']));
}, 60_000);
