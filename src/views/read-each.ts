/** Reads streams of one kind: one that this version cannot fold hides none of the others, and is named. */
import { MeshwrightError } from '../base/errors.ts';
import type { StreamId } from '../journal/event.ts';
import type { StreamHead } from '../journal/journal.ts';

/** Written by a newer version, or damaged. */
export interface UnreadableStream {
  stream: string;
  /** One line. */
  problem: string;
}

export interface ReadStreams<T> {
  /** In the order of the heads. */
  found: T[];
  unreadable: UnreadableStream[];
}

/** `read`: null for a stream that is not one of them after all. */
export async function readEach<T>(
  heads: readonly Pick<StreamHead, 'stream'>[],
  read: (stream: StreamId) => Promise<T | null>,
): Promise<ReadStreams<T>> {
  const all = await Promise.all(
    heads.map(async ({ stream }): Promise<ReadStreams<T>> => {
      try {
        const found = await read(stream);
        return { found: found === null ? [] : [found], unreadable: [] };
      } catch (error) {
        if (!(error instanceof MeshwrightError) || !isAboutTheStream(error)) throw error;
        return { found: [], unreadable: [{ stream, problem: error.message }] };
      }
    }),
  );
  return {
    found: all.flatMap(({ found }) => found),
    unreadable: all.flatMap(({ unreadable }) => unreadable),
  };
}

function isAboutTheStream({ code }: MeshwrightError): boolean {
  return code === 'event_unknown' || code === 'item_event_out_of_place';
}
