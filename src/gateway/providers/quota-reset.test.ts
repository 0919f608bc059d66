import { describe, expect, it } from 'vitest';
import { quotaResetMs } from './quota-reset.ts';

const nowMs = Date.UTC(2026, 10, 21, 12, 0, 0);

describe('the reset of a used-up limit', () => {
  it.each([
    ['a date', { 'anthropic-ratelimit-tokens-reset': '2026-11-21T12:30:00Z' }, 1_800_000],
    ['seconds since 1970', { 'anthropic-ratelimit-unified-reset': String(nowMs / 1000 + 7_200) }, 7_200_000],
    ['a duration', { 'x-ratelimit-reset-requests': '6m0s' }, 360_000],
    ['a duration with parts', { 'x-ratelimit-reset-tokens': '1h2m3.5s' }, 3_723_500],
    ['a short duration', { 'x-ratelimit-reset-requests': '120ms' }, 120],
    ['seconds from now', { 'x-ratelimit-reset': '90' }, 90_000],
    ['a moment that is over', { 'anthropic-ratelimit-tokens-reset': '2026-11-21T11:00:00Z' }, 0],
    ['nothing', {}, null],
    ['what cannot be read', { 'x-ratelimit-reset-requests': 'soon' }, null],
  ])('is read from %s', (_, headers: Record<string, string>, expected) => {
    expect(quotaResetMs(headers, nowMs)).toBe(expected);
  });

  it('is that of the limits that are used up, the latest of them', () => {
    const headers = {
      'anthropic-ratelimit-requests-remaining': '49',
      'anthropic-ratelimit-requests-reset': '2026-11-21T18:00:00Z',
      'anthropic-ratelimit-input-tokens-remaining': '0',
      'anthropic-ratelimit-input-tokens-reset': '2026-11-21T12:01:00Z',
      'anthropic-ratelimit-output-tokens-remaining': '0',
      'anthropic-ratelimit-output-tokens-reset': '2026-11-21T12:05:00Z',
    };
    expect(quotaResetMs(headers, nowMs)).toBe(300_000);
    const openAi = {
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '20s',
      'x-ratelimit-remaining-tokens': '100',
      'x-ratelimit-reset-tokens': '1h',
    };
    expect(quotaResetMs(openAi, nowMs)).toBe(20_000);
    const subscription = {
      'anthropic-ratelimit-unified-5h-status': 'rejected',
      'anthropic-ratelimit-unified-5h-reset': String(nowMs / 1000 + 60),
      'anthropic-ratelimit-unified-7d-status': 'allowed',
      'anthropic-ratelimit-unified-7d-reset': String(nowMs / 1000 + 600_000),
    };
    expect(quotaResetMs(subscription, nowMs)).toBe(60_000);
  });
});
