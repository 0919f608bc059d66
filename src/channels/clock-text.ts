/** A time as the person who is asked reads it: day and clock time in their zone. */

/** `at`: ISO. In a rehearsal seconds count. */
export function clockText(
  at: string,
  { timeZone, isRehearsal }: { timeZone: string; isRehearsal: boolean },
): string {
  const format = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat('en-GB', { timeZone, ...options }).format(new Date(at));
  const day = format({ weekday: 'short', day: 'numeric', month: 'short' });
  const time = format({
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    ...(isRehearsal ? { second: '2-digit' } : {}),
  });
  return `${day}, ${time} (${timeZone})`;
}
