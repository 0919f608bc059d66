/** Times as the person who is asked reads them: a clock time in their zone, with the day where it is not the day of asking. */

/** `askedAt`: the day that goes without saying; ISO. In a rehearsal seconds count. */
export function clockText(
  at: string,
  { timeZone, isRehearsal, askedAt }: { timeZone: string; isRehearsal: boolean; askedAt?: string },
): string {
  const time = format(at, timeZone, {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    ...(isRehearsal ? { second: '2-digit' } : {}),
  });
  const day = format(at, timeZone, { weekday: 'short', day: 'numeric', month: 'short' });
  const isSameDay =
    askedAt !== undefined &&
    format(askedAt, timeZone, { dateStyle: 'short' }) === format(at, timeZone, { dateStyle: 'short' });
  return `${isSameDay ? '' : `${day}, `}${time} (${timeZone})`;
}

function format(at: string, timeZone: string, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat('en-GB', { timeZone, ...options }).format(new Date(at));
}
