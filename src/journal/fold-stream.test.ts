import { describe, expect, it } from 'vitest';
import { systemClock } from '../base/clock.ts';
import { type StoredEvent, streamId } from './event.ts';
import { foldStream, type StreamReducer, saveFold } from './fold-stream.ts';
import { createMemoryJournal } from './in-memory.ts';

const stream = streamId('counter', 'p', 1);

interface Counter {
  sum: number;
}

function counting(reducerHash: string): StreamReducer<Counter> & { seen: number[] } {
  const seen: number[] = [];
  return {
    streamKind: 'counter',
    reducerHash,
    initial: { sum: 0 },
    seen,
    reduce(state: Counter, event: StoredEvent) {
      seen.push(event.version);
      return { sum: state.sum + Number(event.data.by) };
    },
  };
}

async function counter(eventCount: number) {
  const journal = createMemoryJournal({ clock: systemClock });
  const add = async (from: number, count: number) => {
    const events = Array.from({ length: count }, (_, index) => ({
      kind: 'counter.grew',
      schema: 1,
      actor: 'mesh',
      data: { by: index + 1 },
    }));
    const id = `00000000-0000-7000-8000-${String(from).padStart(12, '0')}`;
    await journal.append({ id, project: 'p', stream, expectedVersion: from, fence: null, events });
  };
  await add(0, eventCount);
  return { journal, add };
}

describe('folding a stream', () => {
  it('starts from its snapshot and reads only what came after, with the same result as from the beginning', async () => {
    const { journal, add } = await counter(600);
    const first = counting('a');
    const folded = await foldStream(journal, stream, first);
    expect(await saveFold(journal, stream, first, folded)).toBe(true);
    await add(600, 3);
    const later = counting('a');
    const again = await foldStream(journal, stream, later);
    expect(later.seen).toEqual([601, 602, 603]);
    expect(again.state).toEqual((await foldStream(journal, stream, counting('b'))).state);
    expect(again).toMatchObject({ version: 603, snapshotVersion: 600 });
  });

  it('does not trust a snapshot that other code took', async () => {
    const { journal } = await counter(600);
    await journal.saveSnapshot(stream, { version: 600, reducerHash: 'old', state: { sum: -1 } });
    const now = counting('new');
    const { state, snapshotVersion } = await foldStream(journal, stream, now);
    expect(state.sum).toBe((600 * 601) / 2);
    expect(now.seen).toHaveLength(600);
    expect(snapshotVersion).toBe(0);
  });

  it('takes no snapshot of a few events, and none again before there are many new ones', async () => {
    const { journal } = await counter(499);
    const few = counting('a');
    expect(await saveFold(journal, stream, few, await foldStream(journal, stream, few))).toBe(false);
    const { journal: other, add } = await counter(500);
    const many = counting('a');
    expect(await saveFold(other, stream, many, await foldStream(other, stream, many))).toBe(true);
    await add(500, 499);
    expect(await saveFold(other, stream, many, await foldStream(other, stream, many))).toBe(false);
  });

  it('knows nothing of a stream that does not exist', async () => {
    const { journal } = await counter(1);
    const nothing = streamId('counter', 'p', 2);
    expect(await foldStream(journal, nothing, counting('a'))).toEqual({
      state: { sum: 0 },
      version: 0,
      snapshotVersion: 0,
    });
  });
});
