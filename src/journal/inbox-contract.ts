/** Contract: inboxes. Posted once, delivered until consumed, with the commit or not at all. */
import { describe, expect, it } from 'vitest';
import { appended, freshStream, type JournalUnderTest, unitFor } from './contract-harness.ts';
import type { StreamId } from './event.ts';
import type { InboxPost } from './unit.ts';

const message = (stream: StreamId, id: string, text = ''): InboxPost => ({
  ...{ stream, id, kind: 'answer.given', actor: 'person:ada', data: { text } },
});

export function contractOfInbox(use: () => JournalUnderTest): void {
  describe('inbox', () => inboxTests(use));
}

function inboxTests(use: () => JournalUnderTest): void {
  const idsFor = async (unit: StreamId): Promise<string[]> =>
    (await use().other.inbox(unit)).map((m) => m.id);

  it('delivers in order of arrival to the claim unit of the stream', async () => {
    const { journal } = use();
    const [unit, stream] = [freshStream('cluster'), freshStream()];
    appended(await journal.append(unitFor(stream, 0, { claimUnit: unit })));
    expect(await journal.post('p', message(stream, 'b', 'ü😀'))).toBe('posted');
    expect(await journal.post('p', message(unit, 'a'))).toBe('posted');
    expect(await idsFor(unit)).toEqual(['b', 'a']);
    const [first] = await journal.inbox(unit);
    expect(first).toEqual({ ...message(stream, 'b', 'ü😀'), at: first?.at });
    expect(new Date(first?.at ?? '').toISOString()).toBe(first?.at);
    expect(await idsFor(stream)).toEqual([]);
  });

  it('ignores a second post with the same id, before and after the message was consumed', async () => {
    const { journal } = use();
    const stream = freshStream();
    appended(await journal.append(unitFor(stream)));
    expect(await journal.post('p', message(stream, 'm'))).toBe('posted');
    expect(await journal.post('p', message(stream, 'm'))).toBe('duplicate');
    appended(await journal.append(unitFor(stream, 1, { consumes: ['m'] })));
    expect(await idsFor(stream)).toEqual([]);
    expect(await journal.post('p', message(stream, 'm'))).toBe('duplicate');
    expect(await idsFor(stream)).toEqual([]);
  });

  it('consumes only what belongs to the stream, and only with the commit', async () => {
    const { journal } = use();
    const [one, two] = [freshStream(), freshStream()];
    appended(await journal.append(unitFor(one)));
    for (const stream of [one, two]) await journal.post('p', message(stream, 'm'));
    expect((await journal.append(unitFor(one, 7, { consumes: ['m'] }))).outcome).toBe('conflict');
    expect(await idsFor(one)).toEqual(['m']);
    appended(await journal.append(unitFor(one, 1, { consumes: ['m', 'unknown'] })));
    expect(await idsFor(one)).toEqual([]);
    expect(await idsFor(two)).toEqual(['m']);
  });

  it('keeps a message for a stream that does not exist yet, wherever it is created later', async () => {
    const { journal } = use();
    const [stream, unit] = [freshStream(), freshStream('cluster')];
    expect(await journal.post('p', message(stream, 'early'))).toBe('posted');
    expect(await idsFor(stream)).toEqual(['early']);
    appended(await journal.append(unitFor(stream, 0, { claimUnit: unit })));
    expect(await idsFor(stream)).toEqual([]);
    expect(await idsFor(unit)).toEqual(['early']);
  });

  it('delivers the posts of a unit with its commit, once, and none of a unit that conflicts', async () => {
    const { journal } = use();
    const [sender, target] = [freshStream(), freshStream('cluster')];
    const posts = [message(target, 'x'), message(target, 'y')];
    expect((await journal.append(unitFor(sender, 4, { posts }))).outcome).toBe('conflict');
    expect(await idsFor(target)).toEqual([]);
    const unit = unitFor(sender, 0, { posts });
    appended(await journal.append(unit));
    appended(await journal.append(unit));
    appended(await journal.append(unitFor(sender, 1, { posts: [message(target, 'x')] })));
    expect(await idsFor(target)).toEqual(['x', 'y']);
  });

  it('wakes listeners here and in other processes after posts, alone and in a unit', async () => {
    const { journal, other } = use();
    const woken = { here: 0, there: 0 };
    const stopHere = journal.onWake(() => {
      woken.here += 1;
    });
    const stopThere = other.onWake(() => {
      woken.there += 1;
    });
    const wokenSince = async (before: typeof woken): Promise<void> => {
      await expect
        .poll(() => woken.here > before.here && woken.there > before.there, { timeout: 5_000 })
        .toBe(true);
    };
    try {
      await journal.post('p', message(freshStream(), 'm'));
      await wokenSince({ here: 0, there: 0 });
      const before = { ...woken };
      appended(await journal.append(unitFor(freshStream(), 0, { posts: [message(freshStream(), 'm')] })));
      await wokenSince(before);
    } finally {
      stopHere();
      stopThere();
    }
  });
}
