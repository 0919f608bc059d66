import { expect, it } from 'vitest';
import { systemClock } from '../base/clock.ts';
import { newId } from '../base/ids.ts';
import { streamId } from '../journal/event.ts';
import { foldStream } from '../journal/fold-stream.ts';
import { createMemoryJournal } from '../journal/in-memory.ts';
import { judgeFailure } from './judge-failure.ts';
import { type OutboxEvent, outboxStream, toOutboxEvent } from './outbox-event.ts';
import { nextAttemptAtMs, nextAttempts, type OutboxState, outboxReducer, threadOf } from './outbox-state.ts';

const stream = outboxStream('orders', 'slack');
const replyTo = streamId('mesh', 'orders');
const now = Date.parse('2026-11-21T10:00:00.000Z');

async function fold(...events: OutboxEvent[]): Promise<OutboxState> {
  const journal = createMemoryJournal({ clock: { ...systemClock, now: () => now } });
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

function queued(id: string, about: string, conversation = `${about} #product-questions`): OutboxEvent {
  return { kind: 'delivery.queued', data: { id, notice: 'blob', about, conversation, replyTo } };
}

const attempted = (id: string, attempt = 1): OutboxEvent => ({
  kind: 'delivery.attempted',
  data: { id, attempt },
});
const failed = (id: string, retryAt: string, heldUntil: string | null = null): OutboxEvent => ({
  kind: 'delivery.failed',
  data: { id, message: 'away', retryAt, heldUntil },
});
const sent = (id: string, ref = 'C1/1'): OutboxEvent => ({ kind: 'delivery.sent', data: { id, ref } });
const idsOf = (state: OutboxState, at = now) => nextAttempts(state, at).map(({ id }) => id);

it('what belongs together goes in order; nothing else waits for it', async () => {
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

it('when one gets through, what failed before waits no longer than a minute since', async () => {
  const far = '2026-11-21T10:05:00.000Z';
  const down = [queued('a', 'Q-1'), queued('b', 'Q-1'), queued('c', 'Q-2'), queued('d', 'Q-3')];
  const tried = [
    attempted('a', 9),
    failed('a', far),
    attempted('c', 3),
    failed('c', '2026-11-21T10:00:04.000Z'),
  ];
  const away = await fold(...down, ...tried, attempted('d', 9));
  expect(idsOf(away, now + 299_999)).toEqual(['c', 'd']);
  const back = await fold(...down, ...tried, attempted('d', 9), sent('d'));
  expect(nextAttemptAtMs(back)).toBe(now + 4_000);
  expect(idsOf(back, now + 59_999)).toEqual(['c']);
  expect(idsOf(back, now + 60_000)).toEqual(['a', 'c']);
  const again = await fold(...down, ...tried, sent('d'), attempted('a', 10), failed('a', far));
  expect(idsOf(again, now + 299_999)).toEqual(['c']);
  const held = await fold(...down, attempted('a', 9), failed('a', far, far), sent('d'));
  expect(nextAttemptAtMs(held)).toBe(Date.parse(far));
});

it('what is sent or dead is gone, and only the dead are counted', async () => {
  const state = await fold(queued('a', 'Q-1'), queued('b', 'Q-2'), sent('a'), {
    kind: 'delivery.dead',
    data: { id: 'b', message: 'no such place' },
  });
  expect(state).toMatchObject({ queued: [], deadCount: 1 });
  expect(nextAttemptAtMs(state)).toBeNull();
});

it('an attempt without a result is due at once, and counted', async () => {
  const state = await fold(queued('a', 'Q-1'), attempted('a'));
  expect(nextAttempts(state, now)).toMatchObject([{ id: 'a', attempts: 1, retryAt: null }]);
});

it('the first message of a conversation is known, of the last 500 of them', async () => {
  const state = await fold(queued('a', 'Q-1'), queued('b', 'Q-1'), sent('a', 'C1/1'), sent('b', 'C1/2'));
  expect(threadOf(state, 'Q-1 #product-questions')).toBe('C1/1');
  const others = Array.from({ length: 500 }, (_, index) => `x${index}`);
  const later = await fold(
    queued('a', 'Q-1'),
    sent('a', 'C1/1'),
    ...others.flatMap((id) => [queued(id, id), sent(id)]),
  );
  expect(later.threads.length).toBe(500);
  expect(threadOf(later, 'Q-1 #product-questions')).toBeNull();
});

it('two people who are told of the same apart from each other get a message each, and neither waits for the other', async () => {
  const state = await fold(queued('a', 'A-1', 'A-1 @sarah-pm'), queued('b', 'A-1', 'A-1 @cto-channel'));
  expect(idsOf(state)).toEqual(['a', 'b']);
  const later = await fold(
    queued('a', 'A-1', 'A-1 @sarah-pm'),
    queued('b', 'A-1', 'A-1 @cto-channel'),
    queued('c', 'A-1', 'A-1 @sarah-pm'),
    sent('a', 'D1/1'),
  );
  expect(threadOf(later, 'A-1 @sarah-pm')).toBe('D1/1');
  expect(threadOf(later, 'A-1 @cto-channel')).toBeNull();
});

it('while the other side wants no call none is made, whatever it is about', async () => {
  const until = '2026-11-21T10:00:30.000Z';
  const state = await fold(
    queued('a', 'Q-1'),
    queued('b', 'Q-2'),
    attempted('a'),
    failed('a', until, until),
    queued('c', 'Q-3'),
  );
  expect(idsOf(state, now + 29_999)).toEqual([]);
  expect(nextAttemptAtMs(state)).toBe(now + 30_000);
  expect(idsOf(state, now + 30_000)).toEqual(['a', 'b', 'c']);
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
  const failedAttempt = { isFinal: false, retryAfterMs: null, ...outcome };
  const next = judgeFailure({ queuedAt: new Date(now).toISOString(), ...delivery }, failedAttempt, now);
  expect(Date.parse(next?.retryAt ?? '') - now).toBe(waitMs);
  const { retryAfterMs } = failedAttempt;
  expect(next?.heldUntil).toBe(retryAfterMs === null ? null : new Date(now + retryAfterMs).toISOString());
});

it('a final refusal, and a day without success, are the end', () => {
  const queuedAt = new Date(now).toISOString();
  const away = { isFinal: false, retryAfterMs: null };
  const day = 24 * 60 * 60_000;
  expect(judgeFailure({ attempts: 1, queuedAt }, { ...away, isFinal: true }, now)).toBeNull();
  expect(judgeFailure({ attempts: 9, queuedAt }, away, now + day)).toBeNull();
  const atItsEnd = new Date(now + day).toISOString();
  expect(judgeFailure({ attempts: 9, queuedAt }, { ...away, retryAfterMs: 2 * day }, now)).toEqual({
    retryAt: atItsEnd,
    heldUntil: atItsEnd,
  });
});
