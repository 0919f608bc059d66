/** Times as whoever sits in front of the terminal reads them: the clock there, and how far away that is. Pure. */
import { DateTime } from 'luxon';

/** When and where it is read. */
export interface Moment {
  nowMs: number;
  /** IANA name. */
  timeZone: string;
}

/** `17:43 CET`, and with the day where it is not today: `Mon 23 Nov 17:43 CET`; less than two minutes away `17:43:20 CET`. */
export function localTime(at: string, { nowMs, timeZone }: Moment): string {
  const then = DateTime.fromISO(at, { zone: timeZone }).setLocale('en-GB');
  const isToday = then.hasSame(DateTime.fromMillis(nowMs, { zone: timeZone }), 'day');
  const isNear = Math.abs(then.toMillis() - nowMs) < nearMs;
  return then.toFormat(`${isToday ? '' : 'ccc d MMM '}HH:mm${isNear ? ':ss' : ''} ZZZZ`);
}

/** `17:43 CET, in 58 min`; past: `17:43 CET, 5 min OVERDUE`. */
export function localDue(at: string, moment: Moment): string {
  const leftMs = Date.parse(at) - moment.nowMs;
  const far = roughly(Math.abs(leftMs));
  return `${localTime(at, moment)}, ${leftMs < 0 ? `${far} OVERDUE` : `in ${far}`}`;
}

const nearMs = 120_000;

/** `45 s`, `58 min`, `5 h`, `3 days`: one unit, rounded. */
function roughly(ms: number): string {
  const minutes = ms / 60_000;
  if (ms < nearMs) return `${Math.round(ms / 1_000)} s`;
  if (minutes < 120) return `${Math.round(minutes)} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}
