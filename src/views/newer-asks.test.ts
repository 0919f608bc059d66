/** A question or an approval that a newer version wrote on hides none of the others, and is not passed over in silence. */
import { beforeEach, expect, it } from 'vitest';
import { anAsker, startMs } from '../../test/questions/asked.ts';
import { type AskedInJournal, askInJournal } from '../../test/questions/asked-in-journal.ts';
import { alwaysThere } from '../../test/questions/people.ts';
import { newId } from '../base/ids.ts';
import type { StreamId } from '../journal/event.ts';
import { approvalStream } from '../questions/approval-event.ts';
import { openApproval, readOpenApprovals } from '../questions/approval-record.ts';
import { questionStream } from '../questions/question-event.ts';
import { readOpenQuestions } from '../questions/question-record.ts';
import { viewApprovals } from './approval-view.ts';
import { viewDigest } from './digest-view.ts';
import { viewQuestions } from './question-view.ts';
import { viewWaiting } from './waiting-view.ts';

const facts = { stakeholders: alwaysThere, reader: '@tess', timeZone: 'UTC', nowMs: startMs };

let world: AskedInJournal;
beforeEach(async () => {
  world = askInJournal(alwaysThere);
  for (const minute of [0, 1]) await world.ask(minute, 'requirement_ambiguity');
  for (const call of ['call-1', 'call-2']) await request(call);
  await writeNewer(questionStream(world.project, 1));
  await writeNewer(approvalStream(world.project, 1));
});

async function request(call: string): Promise<void> {
  const { journal, project } = world;
  const tier = alwaysThere.approvalTiers.external;
  if (!tier) throw new Error('there is no tier external');
  const asker = anAsker(3, call);
  const { item, agent, role } = asker;
  const action = { project, item, agent, role, tool: 'run', input: { argv: ['release'] }, base: '' };
  await openApproval({ journal, newId, project, asker, tier, action, rule: 'run', nowMs: startMs });
}

async function writeNewer(stream: StreamId): Promise<void> {
  const { journal, project } = world;
  const head = await journal.streamHead(stream);
  const kind = `${stream.split(':')[0]}.pondered`;
  const outcome = await journal.append({
    id: newId(),
    project,
    stream,
    expectedVersion: head?.version ?? 0,
    fence: null,
    events: [{ kind, schema: 1, actor: 'mesh:orders', data: {} }],
  });
  expect(outcome.outcome).toBe('appended');
}

const unreadableQuestion = {
  stream: 'question:orders/1',
  problem: expect.stringContaining('is question.pondered of schema 1, which this Meshwright does not know'),
};
const unreadableApproval = {
  stream: 'approval:orders/1',
  problem: expect.stringContaining('is approval.pondered of schema 1, which this Meshwright does not know'),
};

it.each([true, false])('in the lists (open only: %s)', async (isOpenOnly) => {
  const { journal, project } = world;
  const asked = await viewQuestions(journal, project, { ...facts, isOpenOnly });
  expect(asked.questions.map(({ question }) => question)).toEqual(['Q-2']);
  expect(asked.unreadable).toEqual([unreadableQuestion]);
  const requested = await viewApprovals(journal, project, { isOpenOnly });
  expect(requested.approvals.map(({ approval }) => approval)).toEqual(['A-2']);
  expect(requested.unreadable).toEqual([unreadableApproval]);
});

it('in what waits for people, and in the digest', async () => {
  const { journal, project } = world;
  const waiting = await viewWaiting(journal, project, { ...facts, items: [] });
  expect(waiting.rows.map(({ name }) => name)).toEqual(['Q-2', 'A-2']);
  expect(waiting.unreadable).toEqual([unreadableQuestion, unreadableApproval]);
  const since = new Date(startMs - 1).toISOString();
  const digest = await viewDigest(journal, project, { ...facts, since });
  expect(digest.people).toMatchObject([{ key: '@sarah-pm', askedCount: 1 }]);
  expect(digest.unreadable).toEqual([unreadableQuestion]);
});

it('at the desk, which leaves it to such a worker and looks after the rest', async () => {
  const { journal, project } = world;
  expect([...(await readOpenQuestions(journal, project)).keys()]).toEqual([2]);
  expect((await readOpenApprovals(journal, project)).map(({ name }) => name)).toEqual(['A-2']);
});

it('where calls ask for a yes: another one is asked for, its own never twice', async () => {
  await request('call-3');
  expect((await readOpenApprovals(world.journal, world.project)).map(({ name }) => name)).toEqual([
    'A-2',
    'A-3',
  ]);
  await expect(request('call-1')).rejects.toMatchObject({ code: 'event_unknown' });
});
