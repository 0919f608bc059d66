/**
 * When somebody is at work, and when a time that is counted in working hours is over. Pure: instants are milliseconds
 * since 1970, the zone's rules decide what the clock on the wall says then.
 */
import { DateTime } from 'luxon';
import type { Person, WorkingHours } from '../policy/stakeholders.ts';

/** Of a person only this matters here. */
export type Worker = Pick<Person, 'hours'>;

/** Half-open: the first minute of the day is work, the closing one is not. Without hours: always. */
export function isAtWork({ hours }: Worker, ms: number): boolean {
  if (hours === null) return true;
  const shift = shiftOf(hours, dayOf(hours, ms));
  return shift !== null && shift.fromMs <= ms && ms < shift.toMs;
}

/** `ms` itself when they are at work then, else the beginning of their next shift. */
export function nextAtWork({ hours }: Worker, ms: number): number {
  if (hours === null) return ms;
  const { fromMs } = nextShift(hours, ms);
  return Math.max(ms, fromMs);
}

/**
 * The instant at which so much of their working time has passed since `fromMs`. Without hours: simply later. Nothing to add:
 * `fromMs` itself, whether they are at work or not.
 */
export function addWorkingMs({ hours }: Worker, fromMs: number, ms: number): number {
  if (hours === null || ms <= 0) return fromMs + Math.max(0, ms);
  let left = ms;
  let at = fromMs;
  for (;;) {
    const shift = nextShift(hours, at);
    const start = Math.max(at, shift.fromMs);
    if (left <= shift.toMs - start) return start + left;
    left -= shift.toMs - start;
    at = shift.toMs;
  }
}

interface Shift {
  fromMs: number;
  toMs: number;
}

const minutesOfDay = 1_440;

/** Every week has a working day; its shift may be one that the change of the clock swallows. */
const mostDaysAhead = 14;

/** The first shift that ends after `ms`. */
function nextShift(hours: WorkingHours, ms: number): Shift {
  const today = dayOf(hours, ms);
  for (let ahead = 0; ahead <= mostDaysAhead; ahead += 1) {
    const shift = shiftOf(hours, today.plus({ days: ahead }));
    if (shift && ms < shift.toMs) return shift;
  }
  throw new Error(`no working hours within ${mostDaysAhead} days in ${hours.timeZone}`);
}

/** The calendar day there, at its noon: a day's first hour may not exist. */
function dayOf({ timeZone }: WorkingHours, ms: number): DateTime {
  return DateTime.fromMillis(ms, { zone: timeZone }).set({ hour: 12, minute: 0, second: 0, millisecond: 0 });
}

/** Null: a day off, or a shift that the change of the clock swallows whole. */
function shiftOf({ days, fromMinute, toMinute }: WorkingHours, day: DateTime): Shift | null {
  if (!days.includes(day.weekday)) return null;
  const fromMs = onTheWall(day, fromMinute);
  const toMs = onTheWall(day, toMinute);
  return fromMs < toMs ? { fromMs, toMs } : null;
}

/** `1440`: the next day's beginning. A time that the clock skips is as much later; of one that it shows twice, the first. */
function onTheWall(day: DateTime, minute: number): number {
  const date = minute < minutesOfDay ? day : day.plus({ days: 1 });
  const shown = date.set({ hour: Math.floor((minute % minutesOfDay) / 60), minute: minute % 60 });
  return Math.min(...shown.getPossibleOffsets().map((possible) => possible.toMillis()));
}
