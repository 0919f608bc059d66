/**
 * Streams that a project numbers from 1, without gaps: `item:orders/3`, `question:orders/7`. A number is taken by appending the
 * stream's first event at version 0; who was slower gets a conflict and takes the next one.
 */
import type { StreamId } from './event.ts';
import type { Journal } from './journal.ts';

/** Of `item:orders/3` it is 3; NaN: the stream is not a numbered one. */
export function numberOf(stream: string): number {
  return Number(stream.slice(stream.lastIndexOf('/') + 1));
}

/** The first that is free, found by halving, as a stream that was begun is never taken away. */
export async function nextNumber(
  journal: Pick<Journal, 'streamHead'>,
  streamOf: (number: number) => StreamId,
): Promise<number> {
  const isTaken = async (number: number): Promise<boolean> =>
    (await journal.streamHead(streamOf(number))) !== undefined;
  let taken = 0;
  let step = 1;
  while (await isTaken(taken + step)) {
    taken += step;
    step *= 2;
  }
  let free = taken + step;
  while (free - taken > 1) {
    const middle = Math.floor((taken + free) / 2);
    if (await isTaken(middle)) taken = middle;
    else free = middle;
  }
  return free;
}
