import { expect, it } from 'vitest';
import type { Clock } from '../base/clock.ts';
import { appended, event, freshStream, unitFor } from './contract-harness.ts';
import { createMemoryJournal } from './in-memory.ts';
import { describeJournal } from './journal-contract.ts';

function manualClock(): Clock & { pass(ms: number): void } {
  let nowMs = Date.UTC(2026, 0, 1);
  return {
    now: () => nowMs,
    monotonicMs: () => nowMs,
    sleep: async () => {},
    pass: (ms) => {
      nowMs += ms;
    },
  };
}

describeJournal('in memory', async () => {
  const clock = manualClock();
  const journal = createMemoryJournal({ clock });
  return { journal, other: journal, passTime: async (ms) => clock.pass(ms), close: () => journal.close() };
});

it('never lets the time of a stream go back when the clock does', async () => {
  const clock = manualClock();
  const journal = createMemoryJournal({ clock });
  const stream = freshStream();
  const [first] = appended(await journal.append(unitFor(stream)));
  clock.pass(-60_000);
  const [second] = appended(await journal.append(unitFor(stream, 1)));
  expect(second?.at).toBe(first?.at);
});

it('keeps what it stored when the writer changes the object afterwards', async () => {
  const journal = createMemoryJournal({ clock: manualClock() });
  const data = { list: [1] };
  const stream = freshStream();
  await journal.append(unitFor(stream, 0, { events: [event('a', data)] }));
  data.list.push(2);
  expect((await journal.read(stream))[0]?.data).toEqual({ list: [1] });
});
