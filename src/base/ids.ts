/**
 * Identifiers: UUID version 7, so that ids of one process sort by the time they were made; and of version 8, the same for the
 * same text. Says nothing of what they name.
 */
import { createHash, randomBytes } from 'node:crypto';

/** Makes one more id. Code that needs ids takes this as an argument, so that tests and the simulator are repeatable. */
export type NewId = () => string;

/**
 * A source of UUIDv7 in lower-case hex. Within one millisecond (or while the clock stands or goes back) the last
 * time is kept and a 12-bit counter grows; when the counter is full, the time is moved on by one millisecond.
 * @param now milliseconds since the epoch
 * @param random returns the given number of random bytes
 */
export function createIdSource(now: () => number, random: (size: number) => Uint8Array): NewId {
  let lastMs = -1;
  let counter = 0;
  return () => {
    const ms = Math.trunc(now());
    if (ms > lastMs) {
      lastMs = ms;
      counter = 0;
    } else if (counter < 0xfff) {
      counter += 1;
    } else {
      lastMs += 1;
      counter = 0;
    }
    return formatUuidV7(lastMs, counter, random(8));
  };
}

/** The production source: system clock and the system's random bytes. */
export const newId: NewId = createIdSource(() => Date.now(), randomBytes);

/** UUIDv8: whoever does the same thing again, in another process after a crash, has the same id for it. */
export function idOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  const variant = ((Number.parseInt(hex.slice(16, 18), 16) & 0x3f) | 0x80).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(18, 20)}-${hex.slice(20, 32)}`;
}

function formatUuidV7(ms: number, counter: number, tail: Uint8Array): string {
  const time = ms.toString(16).padStart(12, '0');
  const middle = counter.toString(16).padStart(3, '0');
  const variant = (0x80 | ((tail[0] ?? 0) & 0x3f)).toString(16);
  const rest = Buffer.from(tail.subarray(1, 8)).toString('hex').padEnd(14, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${middle}-${variant}${rest.slice(0, 2)}-${rest.slice(2)}`;
}
