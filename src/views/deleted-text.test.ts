/** What retention deleted is said to be gone; what is missing otherwise is damage and said so. */
import { expect, it } from 'vitest';
import { startMs } from '../../test/questions/asked.ts';
import { askInJournal } from '../../test/questions/asked-in-journal.ts';
import { alwaysThere } from '../../test/questions/people.ts';
import { newId } from '../base/ids.ts';
import type { BlobHash } from '../journal/journal.ts';
import { deletionEvent, retentionStream } from '../journal/retention.ts';
import { viewQuestion, viewQuestions } from './question-view.ts';

const facts = { stakeholders: alwaysThere, reader: '@tess', timeZone: 'UTC', nowMs: startMs };

async function askAndDelete({ isRecorded }: { isRecorded: boolean }) {
  const world = askInJournal(alwaysThere);
  const { journal, project } = world;
  await world.ask(0, 'requirement_ambiguity');
  const hash = String((await journal.readAll({ after: 0, limit: 1 }))[0]?.data.text) as BlobHash;
  const deletion = {
    id: newId(),
    project,
    stream: retentionStream(project),
    expectedVersion: 0,
    fence: null,
    events: [deletionEvent([hash], {}, 'person:tess')],
  };
  if (isRecorded) await journal.append(deletion);
  expect(await journal.deleteBlobs([hash], new Date(startMs + 1_000).toISOString())).toEqual([hash]);
  return world;
}

it('a question whose text was deleted is still listed and shown, by its title', async () => {
  const { journal, project } = await askAndDelete({ isRecorded: true });
  const { questions } = await viewQuestions(journal, project, { ...facts, isOpenOnly: false });
  expect(questions).toMatchObject([{ question: 'Q-1', line: 'time zone of the export' }]);
  expect((await viewQuestion(journal, project, 1, facts)).report.text).toBeNull();
});

it('a text that is gone and that nobody deleted is damage', async () => {
  const { journal, project } = await askAndDelete({ isRecorded: false });
  const listed = viewQuestions(journal, project, { ...facts, isOpenOnly: false });
  await expect(listed).rejects.toMatchObject({ code: 'blob_missing' });
});
