/** The loss of a claim, as an error: whoever drives the stream must stop, without putting anything away that it worked on. */
import type { StreamId } from './event.ts';

/** Another worker owns the stream now, or may: this process has not been heard by the database for too long. */
export class FencedError extends Error {
  constructor(stream: StreamId) {
    super(`${stream} is, or may be, owned by another worker now`);
    this.name = 'FencedError';
  }
}
