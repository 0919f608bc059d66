import { expect, it } from 'vitest';
import { systemClock } from '../base/clock.ts';
import { newId } from '../base/ids.ts';
import { streamId } from '../journal/event.ts';
import { foldStream } from '../journal/fold-stream.ts';
import { createMemoryJournal } from '../journal/in-memory.ts';
import { judgeFailure } from './judge-failure.ts';
import { type OutboxEvent, outboxStream, toOutboxEvent } from './outbox-event.ts';
import { nextAttemptAtMs, nextAttempts, type OutboxState, outboxReducer } from './outbox-state.ts';

const stream = outboxStream('orders', 'slack');
const replyTo = streamId('mesh', 'orders');
const now = Date.parse('2026-11-21T10:00:00.000Z');

async function fold(...events: OutboxEvent[]): Promise<OutboxState> {
  const journal = createMemoryJournal({ clock: systemClock });
  await journal.append({
    id: newId(),
    project: 'orders',
    stream,
    expectedVersion: 0,
    fence: null,
    events: events.map((event) => toOutboxEvent(event, 'mesh')),
  });
  return (await foldStream(journal, stream, outboxReducer)).state;
}

function queued(id: string, about: string): OutboxEvent {
  return { kind: 'delivery.queued', data: { id, notice: 'blob', about, replyTo } };
}

const attempted = (id: string, attempt = 1): OutboxEvent => ({
  kind: 'delivery.attempted',
  data: { id, attempt },
});
const failed = (id: string, retryAt: string): OutboxEvent => ({
  kind: 'delivery.failed',
  data: { id, message: 'away', retryAt },
});
const sent = (id: string, ref = 'C1/1'): OutboxEvent => ({ kind: 'delivery.sent', data: { id, ref } });
const idsOf = (state: OutboxState, at = now) => nextAttempts(state, at).map(({ id }) => id);

it('what is about the same goes in order; what is about something else does not wait for it', async () => {
  const state = await fold(queued('a', 'Q-1'), queued('b', 'Q-1'), queued('c', 'Q-2'));
  expect(idsOf(state)).toEqual(['a', 'c']);
  const later = await fold(
    queued('a', 'Q-1'),
    queued('b', 'Q-1'),
    queued('c', 'Q-2'),
    attempted('a'),
    failed('a', '2026-11-21T10:00:05.000Z'),
  );
  expect(idsOf(later)).toEqual(['c']);
  expect(idsOf(later, now + 5_000)).toEqual(['a', 'c']);
});

it('what is sent or dead is gone, and only the dead are counted', async () => {
  const state = await fold(queued('a', 'Q-1'), queued('b', 'Q-2'), sent('a'), {
    kind: 'delivery.dead',
    data: { id: 'b', message: 'no such place' },
  });
  expect(state).toEqual({ queued: [], threads: {}, deadCount: 1 });
  expect(nextAttemptAtMs(state)).toBeNull();
});

it('an attempt without a result is due at once, and counted', async () => {
  const state = await fold(queued('a', 'Q-1'), attempted('a'));
  expect(nextAttempts(state, now)).toMatchObject([{ id: 'a', attempts: 1, retryAt: null }]);
});

it('a thread is known while there is more to be said in it', async () => {
  const events = [queued('a', 'Q-1'), queued('b', 'Q-1'), sent('a', 'C1/1')];
  expect((await fold(...events)).threads).toEqual({ 'Q-1': 'C1/1' });
  expect((await fold(...events, sent('b', 'C1/2'))).threads).toEqual({});
});

it('says when it has to be looked at', async () => {
  const state = await fold(
    queued('a', 'Q-1'),
    queued('b', 'Q-2'),
    failed('a', '2026-11-21T10:00:09.000Z'),
    failed('b', '2026-11-21T10:00:05.000Z'),
  );
  expect(nextAttemptAtMs(state)).toBe(now + 5_000);
});

it.each([
  ['the first failure', { attempts: 1 }, {}, 1_000],
  ['the fourth', { attempts: 4 }, {}, 8_000],
  ['any later one', { attempts: 40 }, {}, 300_000],
  ['what the other side asked for', { attempts: 1 }, { retryAfterMs: 42_000 }, 42_000],
  ['what it asked for, never sooner than by itself', { attempts: 4 }, { retryAfterMs: 10 }, 8_000],
])('waits after %s', (_, delivery, outcome, waitMs) => {
  const retryAt = judgeFailure(
    { queuedAt: new Date(now).toISOString(), ...delivery },
    { isFinal: false, retryAfterMs: null, ...outcome },
    now,
  );
  expect(Date.parse(retryAt ?? '') - now).toBe(waitMs);
});

it('a final refusal, and a day without success, are the end', () => {
  const queuedAt = new Date(now).toISOString();
  const away = { isFinal: false, retryAfterMs: null };
  const day = 24 * 60 * 60_000;
  expect(judgeFailure({ attempts: 1, queuedAt }, { ...away, isFinal: true }, now)).toBeNull();
  expect(judgeFailure({ attempts: 9, queuedAt }, away, now + day)).toBeNull();
  expect(judgeFailure({ attempts: 9, queuedAt }, { ...away, retryAfterMs: 2 * day }, now)).toBe(
    new Date(now + day).toISOString(),
  );
});
