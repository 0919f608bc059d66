/** Contract: followers see everything once, in order, from history into the present. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { appended, collect, event, freshStream, type JournalUnderTest, unitFor } from './contract-harness.ts';

export function contractOfFollow(use: () => JournalUnderTest): void {
  describe('follow', () => followTests(use));
}

function followTests(use: () => JournalUnderTest): void {
  it('gives history, then what concurrent writers append, each once and in order', async () => {
    const { journal, other } = use();
    const after = await journal.head();
    appended(await journal.append(unitFor(freshStream(), 0, { events: [event(), event(), event()] })));
    const { signal } = new AbortController();
    const total = 3 + 8 * 10;
    const followers = [journal, other].map((handle) => collect(handle.follow({ after, signal }), total));
    const write = async (index: number): Promise<void> => {
      const stream = freshStream();
      for (let version = 0; version < 10; version += 1) {
        appended(await (index % 2 ? journal : other).append(unitFor(stream, version)));
      }
    };
    await Promise.all(Array.from({ length: 8 }, (_, index) => write(index)));
    const expected = Array.from({ length: total }, (_, i) => after + i + 1);
    for (const follower of followers) expect((await follower).map((e) => e.position)).toEqual(expected);
  });

  it('gives only the events of the project that was asked for, over any number of others', async () => {
    const { journal } = use();
    const project = `f${randomUUID()}`;
    const after = await journal.head();
    appended(
      await journal.append(unitFor(freshStream(), 0, { events: Array.from({ length: 600 }, () => event()) })),
    );
    const { signal } = new AbortController();
    const follower = collect(journal.follow({ after, project, signal }), 2);
    const stream = freshStream();
    appended(await journal.append(unitFor(stream, 0, { project })));
    appended(await journal.append(unitFor(freshStream())));
    appended(await journal.append(unitFor(stream, 1, { project })));
    expect((await follower).map((e) => [e.stream, e.version])).toEqual([
      [stream, 1],
      [stream, 2],
    ]);
  });

  it('ends when its signal aborts, while waiting and before it began', async () => {
    const { journal } = use();
    const stop = new AbortController();
    const waiting = collect(journal.follow({ after: await journal.head(), signal: stop.signal }), 1);
    setTimeout(() => stop.abort(), 20);
    expect(await waiting).toEqual([]);
    expect(await collect(journal.follow({ after: 0, signal: stop.signal }), 1)).toEqual([]);
  });
}
