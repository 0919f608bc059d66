import { expect, it } from 'vitest';
import { localDue, localTime } from './local-time.ts';

const berlin = { nowMs: Date.parse('2026-11-21T15:40:00Z'), timeZone: 'Europe/Berlin' };

it('shows the clock of whoever reads, with its zone, and the day only where it is another one there', () => {
  expect(localTime('2026-11-21T16:43:09Z', berlin)).toMatch(/^17:43 (?:CET|GMT\+1)$/);
  expect(localTime('2026-11-21T23:10:00Z', berlin)).toMatch(/^Sun 22 Nov 00:10 /);
  expect(localTime('2026-11-21T23:10:00Z', { ...berlin, timeZone: 'UTC' })).toBe('23:10 UTC');
});

it.each([
  ['2026-11-21T16:40:00Z', '16:40 UTC, in 60 min'],
  ['2026-11-21T15:40:45Z', '15:40:45 UTC, in 45 s'],
  ['2026-11-21T20:40:00Z', '20:40 UTC, in 5 h'],
  ['2026-11-24T15:40:00Z', 'Tue 24 Nov 15:40 UTC, in 3 days'],
  ['2026-11-21T15:35:00Z', '15:35 UTC, 5 min OVERDUE'],
])('says how far away %s is', (at, said) => {
  expect(localDue(at, { ...berlin, timeZone: 'UTC' })).toBe(said);
});
