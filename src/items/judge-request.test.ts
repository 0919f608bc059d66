import { describe, expect, test } from 'vitest';
import { initialItem } from './advance.ts';
import type { ItemState, ItemStatus } from './item-state.ts';
import { type ItemRequest, judgeRequest, legalRequests } from './judge-request.ts';

const at = (status: ItemStatus, more: Partial<ItemState> = {}): ItemState => ({
  ...initialItem,
  number: 3,
  eventCount: 9,
  status,
  readyCommit: 'c1',
  head: 'c1',
  branch: 'mesh/3',
  ...more,
});
const resume = (ceilingMicroUsd: number | null): ItemRequest => ({
  kind: 'resume',
  by: 'ada',
  ceilingMicroUsd,
});

describe('what persons may ask', () => {
  test.each<[ItemStatus, string[]]>([
    ['queued', ['pause', 'cancel']],
    ['running', ['pause', 'cancel', 'takeover']],
    ['paused', ['resume', 'cancel', 'takeover']],
    ['taken_over', ['handback', 'cancel']],
    ['ready', ['accept', 'reject', 'cancel', 'takeover']],
    ['landing', []],
    ['landed', []],
    ['rejected', []],
    ['canceled', []],
  ])('depends on the state: %s', (status, kinds) => {
    expect(legalRequests(at(status))).toEqual(kinds);
  });

  test('is refused with what is possible instead', () => {
    const judged = judgeRequest(at('running'), { kind: 'accept', by: 'ada', commit: 'c1' });
    expect(judged).toEqual({
      ok: false,
      message: 'item 3 is running: cannot accept it; possible now: pause, cancel, takeover',
    });
    expect(judgeRequest(at('landing'), { kind: 'cancel', by: 'ada', reason: '' })).toMatchObject({
      message: expect.stringContaining('wait for its outcome'),
    });
  });

  test('is nothing of an item that does not exist', () => {
    expect(judgeRequest(initialItem, { kind: 'pause', by: 'ada', message: '' }).ok).toBe(false);
  });
});

describe('taking over and handing back', () => {
  const takeover: ItemRequest = { kind: 'takeover', by: 'ada', to: 'grace', folder: '/work/shop-item-3' };
  const handback = (commit: string | null, note: string | null = null): ItemRequest => ({
    kind: 'handback',
    by: 'grace',
    commit,
    note,
  });

  test('names the commit that is handed out, and for whom', () => {
    const { by, to, folder } = { by: 'ada', to: 'grace', folder: '/work/shop-item-3' };
    expect(judgeRequest(at('paused'), takeover)).toEqual({
      ok: true,
      events: [{ kind: 'item.taken_over', data: { by, to, folder, commit: 'c1', branch: 'mesh/3' } }],
    });
  });

  test('is for what has begun: before that there is no branch to work on', () => {
    for (const status of ['queued', 'paused'] as const) {
      const judged = judgeRequest(at(status, { branch: null }), takeover);
      expect(judged).toMatchObject({ ok: false, message: expect.stringContaining('cannot takeover it') });
    }
  });

  test('wants a commit that is another one than was handed out', () => {
    const before = { status: 'paused', pause: null, readyCommit: null } as const;
    const held = { by: 'ada', to: 'grace', commit: 'c1', branch: 'mesh/3', folder: '/f', before };
    const taken = at('taken_over', { takeover: held });
    expect(judgeRequest(taken, handback('c2'))).toMatchObject({ ok: true });
    expect(judgeRequest(taken, handback(null, 'mind the tests'))).toMatchObject({ ok: true });
    expect(judgeRequest(taken, handback('c1'))).toMatchObject({
      message: expect.stringContaining('taken over by grace: c1 is the commit that was handed out'),
    });
  });
});

describe('accepting', () => {
  test('means exactly the commit that is ready', () => {
    expect(judgeRequest(at('ready'), { kind: 'accept', by: 'ada', commit: 'c1' })).toEqual({
      ok: true,
      events: [{ kind: 'item.accepted', data: { commit: 'c1', by: 'ada' } }],
    });
    expect(judgeRequest(at('ready'), { kind: 'accept', by: 'ada', commit: 'c0' })).toMatchObject({
      ok: false,
      message: expect.stringContaining('c1, not c0'),
    });
  });
});

describe('resuming', () => {
  test('may leave the ceiling as it is', () => {
    expect(judgeRequest(at('paused', { ceilingMicroUsd: 100 }), resume(null)).ok).toBe(true);
  });

  test('raises the ceiling above the old one and above what is spent, never lowers it', () => {
    const paused = at('paused', { ceilingMicroUsd: 100, costMicroUsd: 150 });
    expect(judgeRequest(paused, resume(151)).ok).toBe(true);
    expect(judgeRequest(paused, resume(150)).ok).toBe(false);
    expect(judgeRequest(at('paused', { ceilingMicroUsd: 100 }), resume(100)).ok).toBe(false);
    expect(judgeRequest(paused, resume(200.5)).ok).toBe(false);
  });
});
