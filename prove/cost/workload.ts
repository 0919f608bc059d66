/**
 * The three shapes of a run whose state is 45 KB, in the same words for every engine. The text does not compress, so that
 * what is counted is what is kept.
 */
import { createHash } from 'node:crypto';

export const stateBytes = 45 * 1024;

/** Of the run whose stored bytes are compared with its state. */
export const shortRunSteps = 10;

export type Shape =
  /** 45 KB are there from the start; every step changes a few characters of them. */
  | 'document'
  /** The state grows to 45 KB: what its steps read. */
  | 'conversation'
  /** The state grows to 45 KB: what its steps write. */
  | 'authored';

export const shapes: readonly Shape[] = ['document', 'conversation', 'authored'];

/** The server's own vacuum comes every minute, which is about so many runs. */
export const runsPerVacuum = 10;

/** Base64 of a hash chain: the same for the same name. */
export function makeText(name: string, length: number): string {
  let text = '';
  for (let block = 0; text.length < length; block += 1) {
    text += createHash('sha512').update(`${name}/${block}`).digest('base64url');
  }
  return text.slice(0, length);
}
