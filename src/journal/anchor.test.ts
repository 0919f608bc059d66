import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { anchorStream, appendAnchor, isAnchorDue } from './anchor.ts';
import { appended, unitFor } from './contract-harness.ts';
import type { StreamId } from './event.ts';
import { createMemoryJournal } from './in-memory.ts';
import type { Journal } from './journal.ts';

const hourMs = 3_600_000;
const clock = {
  time: 0,
  now: () => clock.time,
  monotonicMs: () => clock.time,
  sleep: async () => {},
};
let journal: Journal;
beforeEach(() => {
  clock.time = Date.UTC(2026, 0, 1);
  journal = createMemoryJournal({ clock });
});

const anchor = () => appendAnchor({ journal, clock, newId: randomUUID }, 'p');
const touch = async (name: string, version = 0) =>
  appended(await journal.append(unitFor(`item:p/${name}` as StreamId, version)));
const namedByLast = async () => {
  const events = await journal.read(anchorStream('p'));
  return events.map(({ data }) => (data.heads as { stream: string }[]).map(({ stream }) => stream));
};

describe('isAnchorDue', () => {
  const now = 100 * hourMs;
  test.each([
    [{ lastAt: null, firstAt: null, now }, false],
    [{ lastAt: null, firstAt: now - 23 * hourMs, now }, false],
    [{ lastAt: null, firstAt: now - 24 * hourMs, now }, true],
    [{ lastAt: now - 23 * hourMs, firstAt: 0, now }, false],
    [{ lastAt: now - 24 * hourMs, firstAt: 0, now }, true],
  ])('%j → %s', (facts, isDue) => {
    expect(isAnchorDue(facts)).toBe(isDue);
  });
});

describe('appendAnchor', () => {
  test('waits a day, then names every stream of its project where it stands', async () => {
    await touch('1');
    const [, last] = [await touch('2'), ...(await touch('2', 1))];
    appended(await journal.append(unitFor('item:q/1' as StreamId, 0, { project: 'q' })));
    expect(await anchor()).toBe(0);
    clock.time += 24 * hourMs;
    expect(await anchor()).toBe(2);
    const [event] = await journal.read(anchorStream('p'));
    expect(event?.data).toMatchObject({
      position: 3,
      heads: [{ stream: 'item:p/1' }, { stream: 'item:p/2', version: 2, hash: last?.hash }],
    });
  });

  test('names only what has changed since the last one, and nothing when nothing has', async () => {
    await touch('1');
    await touch('2');
    clock.time += 24 * hourMs;
    await anchor();
    expect(await anchor()).toBe(0);
    clock.time += 24 * hourMs;
    expect(await anchor()).toBe(0);
    await touch('2', 1);
    expect(await anchor()).toBe(1);
    expect(await namedByLast()).toEqual([['item:p/1', 'item:p/2'], ['item:p/2']]);
  });

  test('is written once when two do it at the same time', async () => {
    await touch('1');
    clock.time += 24 * hourMs;
    expect((await Promise.all([anchor(), anchor()])).sort()).toEqual([0, 1]);
  });

  test('records fences, and spreads many streams over several events of one unit', async () => {
    for (let index = 1; index <= 200; index += 1) await touch(String(index));
    const claim = { owner: 'w', host: 'h', leaseMs: 1_000 };
    expect(await journal.claimUnit('item:p/7' as StreamId, claim)).toBeDefined();
    clock.time += 24 * hourMs;
    expect(await anchor()).toBe(200);
    const events = await journal.read(anchorStream('p'));
    expect((await namedByLast()).flat()).toHaveLength(200);
    expect(events).toHaveLength(3);
    expect(new Set(events.map(({ unit }) => unit)).size).toBe(1);
    expect(events[0]?.data.fences).toEqual([{ unit: 'item:p/7', fence: 1 }]);
  });
});
