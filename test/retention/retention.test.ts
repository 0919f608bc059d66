/** Retention on a project that was really worked on: what goes, what stays readable, and that work goes on. */
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { newId } from '../../src/base/ids.ts';
import { readTextBlob } from '../../src/journal/blob-text.ts';
import { verifyChain } from '../../src/journal/hash-chain.ts';
import { createMemoryJournal } from '../../src/journal/in-memory.ts';
import { minRetentionMs, type RetainRequest, retainBlobs } from '../../src/requests/retain-blobs.ts';
import { viewCost } from '../../src/views/cost-view.ts';
import { describeEvent } from '../../src/views/describe-event.ts';
import { readItemLog } from '../../src/views/item-log.ts';
import { reportItem } from '../../src/views/item-report.ts';
import { viewStatus } from '../../src/views/status-view.ts';
import { runWorker } from '../../src/worker/worker.ts';
import { say, smallFiles, smallTeam, write } from '../engine/small-team.ts';
import { createTestProject, type TestProject } from '../harness/project.ts';

const oneTask = {
  summary: 'one task',
  tasks: [{ id: 'T1', title: 'one', instructions: 'x', after: [] }],
};
const dayMs = 24 * 3_600_000;
let project: TestProject | undefined;

afterEach(() => project?.remove());

/** Item 1 has landed; item 2 is ready and waits for a person. */
async function oneLandedOneReady(): Promise<TestProject> {
  const model = smallTeam({
    // Never the same twice: every item changes something.
    developer: ({ seat }, turn) => (turn > 0 ? say('done') : write(`${seat.task}.txt`, `${newId()}\n`)),
  });
  const opened = await createTestProject({ files: smallFiles, model });
  project = opened;
  await opened.add('The first', oneTask);
  await opened.run();
  await opened.accept(1);
  await opened.add('The second', oneTask);
  await opened.run();
  expect([(await opened.item(1)).status, (await opened.item(2)).status]).toEqual(['landed', 'ready']);
  return opened;
}

function retain(opened: TestProject, daysFromNow: number, rest: Partial<RetainRequest> = {}) {
  const now = Date.now() + daysFromNow * dayMs;
  return retainBlobs({
    journal: opened.journal,
    clock: { ...opened.context.clock, now: () => now },
    newId,
    project: 'test',
    olderThanMs: 90 * dayMs,
    item: null,
    isDryRun: false,
    by: 'person:test',
    ...rest,
  });
}

async function logOf(opened: TestProject): Promise<string[]> {
  const lines: string[] = [];
  for await (const event of readItemLog(opened.journal, 'test', 1, {
    follow: false,
    signal: new AbortController().signal,
  }))
    lines.push(describeEvent(event, true)?.text ?? '');
  return lines;
}

describe('retention', () => {
  it('deletes what an ended item held, keeps every event, and all that is said of it stays readable', async () => {
    const opened = await oneLandedOneReady();
    const { journal } = opened;
    const read = async () => ({
      status: await viewStatus(journal, 'test'),
      report: await reportItem(journal, 'test', 1),
      cost: await viewCost(journal, { project: 'test', by: 'role', frontier: null }),
      log: await logOf(opened),
    });
    const seen = await read();
    const events = await journal.readAll({ after: 0, limit: 100_000 });

    expect((await retain(opened, 1)).delete).toEqual([]);
    const planned = await retain(opened, 91, { isDryRun: true });
    expect(planned.delete.length).toBeGreaterThan(3);
    const done = await retain(opened, 91);
    expect(done).toEqual(planned);

    expect(await read()).toEqual(seen);
    expect((await journal.readAll({ after: 0, limit: 100_000 })).slice(0, events.length)).toEqual(events);
    for (const { stream } of await journal.streams('test'))
      expect(verifyChain(await journal.read(stream)), stream).toEqual({ isIntact: true });
    const { brief } = await opened.item(1);
    await expect(readTextBlob(journal, brief)).rejects.toMatchObject({
      code: 'blob_deleted',
      message: expect.stringMatching(/was deleted by retention on \d{4}-\d\d-\d\d$/),
    });
    expect(await readTextBlob(journal, (await opened.item(2)).brief)).toContain('The second');
    expect((await retain(opened, 91)).delete).toEqual([]);
  });

  it('hinders no work: the next worker begins beside items of which nothing but events is left', async () => {
    const opened = await oneLandedOneReady();
    await opened.accept(2);
    const { team } = await opened.item(2);
    expect((await retain(opened, 91)).delete.map(({ hash }) => hash)).toContain(team);
    const third = await opened.add('The third', oneTask);
    const context = { ...opened.context, owner: 'next' };
    await runWorker(context, { untilIdle: true, signal: AbortSignal.timeout(100_000) });
    expect((await opened.item(third)).status).toBe('ready');
  });

  it('erases one ended item at once, and refuses one that is not ended', async () => {
    const opened = await oneLandedOneReady();
    const hour = 1 / 24;
    const erase = { olderThanMs: minRetentionMs };
    await expect(retain(opened, hour, { ...erase, item: 2 })).rejects.toMatchObject({
      code: 'request_refused',
    });
    const { brief } = await opened.item(1);
    expect((await retain(opened, hour, { ...erase, item: 1 })).delete.map(({ hash }) => hash)).toContain(
      brief,
    );
    expect(await readTextBlob(opened.journal, (await opened.item(2)).brief)).toContain('The second');
  });

  it('is not to blame for a blob that is gone without a word', async () => {
    const journal = createMemoryJournal({ clock: systemClock });
    await expect(readTextBlob(journal, '0'.repeat(64))).rejects.toMatchObject({ code: 'blob_missing' });
  });
});
