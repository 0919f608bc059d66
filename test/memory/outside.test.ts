/** An outside agent is told what is decided in the same words, and its tape says so too. */
import { expect, it } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import { recordMemory, supersedeMemory } from '../../src/requests/change-memory.ts';
import { ofKind, tapeEvents } from '../outside/outside-project.ts';
import { useFakeAgent } from '../outside/use-fake-agent.ts';

const fake = useFakeAgent();

it('an outside agent is told what is decided, and its tape names it', async () => {
  const project = await fake.start('works');
  const request = { journal: project.journal, newId, project: 'test', by: 'sarah-pm', nowMs: Date.now() };
  await recordMemory(request, {
    kind: 'decision',
    answers: null,
    topic: 'export.timezone',
    scope: 'mesh',
    statement: 'Exports are in UTC.',
    reasons: '',
    rejected: [],
    validUntil: null,
  });
  await supersedeMemory(request, { id: 'D-1', statement: 'Exports are local.', why: 'customers asked' });
  await project.add('Make a file');
  await project.run();
  const events = await tapeEvents(project.journal);
  const [told] = ofKind(events, 'outside.prompted');
  expect(told?.text).toContain('- D-2 (export.timezone) Exports are local. Reason: customers asked');
  expect(told?.text).not.toContain('Exports are in UTC.');
  expect(ofKind(events, 'memory.recalled').map((data) => data.ids)).toEqual([['D-2']]);
}, 120_000);
