import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import type { WorkingHours } from '../policy/stakeholders.ts';
import { addWorkingMs, isAtWork, nextAtWork } from './working-hours.ts';

const hourMs = 3_600_000;
const weekdays = [1, 2, 3, 4, 5];

function works(timeZone: string, from: number, to: number, days: readonly number[] = weekdays) {
  return { hours: { timeZone, days, fromMinute: from * 60, toMinute: to * 60 } satisfies WorkingHours };
}

const berlin = works('Europe/Berlin', 9, 17);
const always = { hours: null };

function at(text: string, zone = 'Europe/Berlin'): number {
  const time = DateTime.fromISO(text, { zone });
  if (!time.isValid) throw new Error(`no time: ${text}`);
  return time.toMillis();
}

function shown(ms: number, zone = 'Europe/Berlin'): string {
  return DateTime.fromMillis(ms, { zone }).toFormat("ccc yyyy-MM-dd'T'HH:mm");
}

describe('a working day', () => {
  it('begins with its first minute and is over with the closing one', () => {
    expect(isAtWork(berlin, at('2026-11-20T08:59:59.999'))).toBe(false);
    expect(isAtWork(berlin, at('2026-11-20T09:00'))).toBe(true);
    expect(isAtWork(berlin, at('2026-11-20T16:59:59.999'))).toBe(true);
    expect(isAtWork(berlin, at('2026-11-20T17:00'))).toBe(false);
  });

  it('is none on the weekend, by the calendar of the place', () => {
    expect(isAtWork(berlin, at('2026-11-21T10:00'))).toBe(false);
    // Monday morning in Auckland is Sunday in Berlin.
    const auckland = works('Pacific/Auckland', 9, 17);
    const monday = at('2026-11-23T09:30', 'Pacific/Auckland');
    expect(shown(monday)).toBe('Sun 2026-11-22T21:30');
    expect(isAtWork(auckland, monday)).toBe(true);
  });

  it('that ends at midnight includes its last minute and goes over into the next one', () => {
    const nights = works('Europe/Berlin', 0, 24, [1, 2]);
    expect(isAtWork(nights, at('2026-11-23T23:59:59.999'))).toBe(true);
    expect(isAtWork(nights, at('2026-11-24T00:00'))).toBe(true);
    expect(isAtWork(nights, at('2026-11-25T00:00'))).toBe(false);
    expect(addWorkingMs(nights, at('2026-11-23T23:00'), 2 * hourMs)).toBe(at('2026-11-24T01:00'));
  });

  it('is every moment for somebody without hours', () => {
    expect(isAtWork(always, 0)).toBe(true);
    expect(nextAtWork(always, 5)).toBe(5);
    expect(addWorkingMs(always, 5, 7)).toBe(12);
  });
});

describe('the next time at work', () => {
  it('is now, or the next shift: tomorrow, or Monday', () => {
    expect(nextAtWork(berlin, at('2026-11-20T10:00'))).toBe(at('2026-11-20T10:00'));
    expect(nextAtWork(berlin, at('2026-11-19T17:00'))).toBe(at('2026-11-20T09:00'));
    expect(nextAtWork(berlin, at('2026-11-20T17:00'))).toBe(at('2026-11-23T09:00'));
  });
});

describe('an SLA in working hours', () => {
  it('stops over night and over the weekend', () => {
    expect(shown(addWorkingMs(berlin, at('2026-11-20T16:30'), hourMs))).toBe('Mon 2026-11-23T09:30');
    expect(shown(addWorkingMs(berlin, at('2026-11-21T03:00'), 8 * hourMs))).toBe('Mon 2026-11-23T17:00');
    expect(shown(addWorkingMs(berlin, at('2026-11-16T09:00'), 80 * hourMs))).toBe('Fri 2026-11-27T17:00');
  });

  it('of nothing is over at once, at any hour', () => {
    expect(addWorkingMs(berlin, at('2026-11-21T03:00'), 0)).toBe(at('2026-11-21T03:00'));
  });

  it('counts hours that pass, not what the clock shows, when it is changed during work', () => {
    const nights = works('Europe/Berlin', 0, 8, [7]);
    // 29 March 2026: 02:00 becomes 03:00; 25 October: 03:00 becomes 02:00.
    expect(shown(addWorkingMs(nights, at('2026-03-29T01:00'), 2 * hourMs))).toBe('Sun 2026-03-29T04:00');
    expect(shown(addWorkingMs(nights, at('2026-10-25T01:00'), 4 * hourMs))).toBe('Sun 2026-10-25T04:00');
    expect(addWorkingMs(nights, at('2026-03-29T00:00'), 7 * hourMs)).toBe(at('2026-03-29T08:00'));
  });

  it('skips a shift that the change of the clock swallows', () => {
    const swallowed = { hours: { timeZone: 'Europe/Berlin', days: [7], fromMinute: 150, toMinute: 180 } };
    expect(shown(nextAtWork(swallowed, at('2026-03-28T12:00')))).toBe('Sun 2026-04-05T02:30');
  });

  it('begins with the first of two equal times, and with the day where midnight is skipped', () => {
    const early = works('Europe/Berlin', 2, 6, [7]);
    const first = nextAtWork(early, at('2026-10-24T12:00'));
    expect(new Date(first).toISOString()).toBe('2026-10-25T00:00:00.000Z');
    // Cairo, 24 April 2026: 00:00 becomes 01:00.
    const cairo = works('Africa/Cairo', 0, 8, [5]);
    const begins = nextAtWork(cairo, at('2026-04-23T12:00', 'Africa/Cairo'));
    expect(shown(begins, 'Africa/Cairo')).toBe('Fri 2026-04-24T01:00');
  });
});

describe('for any hours, zone and moment', () => {
  const zones = [
    'UTC',
    'Europe/Berlin',
    'America/New_York',
    'Australia/Lord_Howe',
    'America/Havana',
    'Asia/Kolkata',
  ];
  const worker = fc
    .record({
      timeZone: fc.constantFrom(...zones),
      days: fc.subarray([1, 2, 3, 4, 5, 6, 7], { minLength: 1 }),
      ends: fc.tuple(fc.nat(1_439), fc.nat(1_439)),
    })
    .map(({ timeZone, days, ends }) => ({
      hours: { timeZone, days, fromMinute: Math.min(...ends), toMinute: Math.max(...ends) + 1 },
    }));
  const moment = fc.integer({ min: Date.UTC(2025, 0, 1), max: Date.UTC(2027, 0, 1) });
  const span = fc.integer({ min: 1, max: 10 * hourMs });
  const runs = { seed: 20_261_121, numRuns: 200 };

  it('somebody is at work at the next time that they are, and never in between', () => {
    fc.assert(
      fc.property(worker, moment, fc.double({ min: 0, max: 1, noNaN: true }), (person, ms, share) => {
        const next = nextAtWork(person, ms);
        expect(next).toBeGreaterThanOrEqual(ms);
        expect(isAtWork(person, next)).toBe(true);
        if (next > ms) expect(isAtWork(person, Math.floor(ms + (next - 1 - ms) * share))).toBe(false);
      }),
      runs,
    );
  });

  it('two spans one after the other are as long as both together', () => {
    fc.assert(
      fc.property(worker, moment, span, span, (person, ms, one, two) => {
        const inTwo = addWorkingMs(person, addWorkingMs(person, ms, one), two);
        expect(inTwo).toBe(addWorkingMs(person, ms, one + two));
      }),
      runs,
    );
  });

  it('a span ends during work, and takes at least its own time', () => {
    fc.assert(
      fc.property(worker, moment, span, (person, ms, length) => {
        const end = addWorkingMs(person, ms, length);
        expect(end - ms).toBeGreaterThanOrEqual(length);
        expect(isAtWork(person, end - 1)).toBe(true);
      }),
      runs,
    );
  });

  it('what the clock on the wall shows decides, on days on which it is not changed', () => {
    fc.assert(
      fc.property(worker, moment, (person, ms) => {
        const { timeZone, days, fromMinute, toMinute } = person.hours;
        const wall = DateTime.fromMillis(ms, { zone: timeZone });
        const isOrdinary = wall.startOf('day').offset === wall.endOf('day').plus(1).offset;
        fc.pre(isOrdinary);
        const minute = wall.hour * 60 + wall.minute;
        const expected = days.includes(wall.weekday) && minute >= fromMinute && minute < toMinute;
        expect(isAtWork(person, ms)).toBe(expected);
      }),
      runs,
    );
  });
});
