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
  return hours === null || nextShift(hours, ms).fromMs <= ms;
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

/** How much of their working time lies between two instants. Without hours: all of it. */
export function workingMsBetween({ hours }: Worker, fromMs: number, toMs: number): number {
  if (hours === null) return Math.max(0, toMs - fromMs);
  let sum = 0;
  for (let at = fromMs; at < toMs; ) {
    const shift = nextShift(hours, at);
    sum += Math.max(0, Math.min(shift.toMs, toMs) - Math.max(shift.fromMs, at));
    at = shift.toMs;
  }
  return sum;
}

interface Shift {
  fromMs: number;
  toMs: number;
}

const minutesOfDay = 1_440;

/** Every week has a working day; its shift may be one that the change of the clock swallows. */
const mostDaysAhead = 14;

const dayMs = 86_400_000;

/**
 * What was found out before, by the UTC day: the rules of a zone take some 100 µs, and whoever waits for people asks about each of
 * them again at every look.
 */
const knownShifts = new WeakMap<WorkingHours, Map<number, Shift[]>>();

/** The first shift that ends after `ms`. */
function nextShift(hours: WorkingHours, ms: number): Shift {
  const day = Math.floor(ms / dayMs);
  const byDay = knownShifts.get(hours) ?? new Map<number, Shift[]>();
  knownShifts.set(hours, byDay);
  const shifts = byDay.get(day) ?? shiftsFrom(hours, day * dayMs);
  byDay.set(day, shifts);
  return shifts.find(({ toMs }) => ms < toMs) as Shift;
}

/** Those that end after the UTC day's beginning, up to the first one that ends after its end. */
function shiftsFrom(hours: WorkingHours, startMs: number): Shift[] {
  const today = dayOf(hours, startMs);
  const shifts: Shift[] = [];
  for (let ahead = 0; ahead <= mostDaysAhead; ahead += 1) {
    const shift = shiftOf(hours, today.plus({ days: ahead }));
    if (shift && startMs < shift.toMs) shifts.push(shift);
    if (shift && startMs + dayMs < shift.toMs) return shifts;
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
