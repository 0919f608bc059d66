import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { streamId } from '../journal/event.ts';
import {
  accountInWords,
  agentAccount,
  clusterAccount,
  hostAccount,
  itemAccount,
  meshAccount,
  parseAccount,
  stepAccount,
} from './account-names.ts';

describe('the name of an account', () => {
  it('is the same all through its window, in UTC, and another one in the next', () => {
    const lastMoment = Date.UTC(2026, 10, 30, 23, 59, 59, 999);
    expect(clusterAccount('orders-api', 'main', 'day', lastMoment)).toBe(
      'cluster:orders-api/main@2026-11-30',
    );
    expect(clusterAccount('orders-api', 'main', 'day', lastMoment + 1)).toBe(
      'cluster:orders-api/main@2026-12-01',
    );
    expect(meshAccount('orders-api', 'month', lastMoment)).toBe('mesh:orders-api@2026-11');
    expect(hostAccount('s-1', 'month', lastMoment + 1)).toBe('host:s-1@2026-12');
  });

  it('says when its window ends: the first moment that has another name', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date('2099-12-31'), noInvalidDate: true }), (date) => {
        for (const window of ['day', 'month'] as const) {
          const name = meshAccount('p', window, date.getTime());
          const endsAt = Date.parse(parseAccount(name)?.endsAt ?? '');
          expect(endsAt).toBeGreaterThan(date.getTime());
          expect(meshAccount('p', window, endsAt - 1)).toBe(name);
          expect(meshAccount('p', window, endsAt)).not.toBe(name);
        }
      }),
    );
  });

  it('tells its kind; what lives as long as its thing has no end', () => {
    const agent = streamId('agent', 'p', 3, 'build/T1/developer', 1, 2);
    expect(parseAccount(agentAccount(agent))).toMatchObject({ kind: 'agent', window: 'run', endsAt: null });
    expect(parseAccount(stepAccount('p', 3, 'build/T1/developer'))).toMatchObject({
      ...{ kind: 'step', of: 'p/3/build/T1/developer' },
    });
    expect(parseAccount(itemAccount('p', 3))).toMatchObject({ kind: 'item', of: 'p/3' });
    expect(parseAccount('savings:p/1')).toBeNull();
  });
});

it.each([
  [clusterAccount('p', 'main', 'day', 0), 'cluster main today'],
  [meshAccount('p', 'month', 0), 'all clusters this month'],
  [hostAccount('store', 'day', 0), 'this machine today'],
  [itemAccount('p', 3), 'item p/3'],
])('%s is %s to people', (account, words) => {
  const parsed = parseAccount(account);
  expect(parsed && accountInWords(parsed)).toBe(words);
});
