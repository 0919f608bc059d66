/** Recorded journals as they lie in the folders beside this file. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { TapeState } from '../../src/gateway/tape.ts';
import { foldTape } from '../../src/gateway/tape.ts';
import { decodeTapeEvent } from '../../src/gateway/tape-codec.ts';
import type { TapeEvent } from '../../src/gateway/tape-event.ts';
import type { StoredEvent } from '../../src/journal/event.ts';
import type { BlobHash } from '../../src/journal/journal.ts';
import type { Facts } from './facts.ts';

export interface RecordedJournal {
  /** `0.1.0/rework-and-landing`. */
  name: string;
  streams: Map<string, StoredEvent[]>;
  blobs: Map<string, string>;
  expected: Facts;
}

export function readRecordedJournals(): RecordedJournal[] {
  const root = import.meta.dirname;
  const folders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders.flatMap(({ name: version }) =>
    readdirSync(path.join(root, version))
      .filter((file) => file.endsWith('.jsonl'))
      .map((file) => readOne(path.join(root, version), file.slice(0, -'.jsonl'.length))),
  );
}

function readOne(folder: string, scenario: string): RecordedJournal {
  const streams = new Map<string, StoredEvent[]>();
  const blobs = new Map<string, string>();
  for (const line of readFileSync(path.join(folder, `${scenario}.jsonl`), 'utf8')
    .trimEnd()
    .split('\n')) {
    const value = JSON.parse(line) as StoredEvent | { blob: string; text: string };
    if ('blob' in value) blobs.set(value.blob, value.text);
    else streams.set(value.stream, [...(streams.get(value.stream) ?? []), value]);
  }
  const expected = JSON.parse(readFileSync(path.join(folder, `${scenario}.expected.json`), 'utf8')) as Facts;
  return { name: `${path.basename(folder)}/${scenario}`, streams, blobs, expected };
}

/** Through the same decoding as the gateway's own. */
export async function foldRecordedTape(
  journal: RecordedJournal,
  events: readonly StoredEvent[],
): Promise<TapeState> {
  const blobs = {
    putBlob: async (): Promise<BlobHash> => {
      throw new Error('reading writes nothing');
    },
    getBlob: async (hash: string) => {
      const text = journal.blobs.get(hash);
      return text === undefined ? undefined : Buffer.from(text);
    },
  };
  const decoded: TapeEvent[] = [];
  for (const event of events) decoded.push(await decodeTapeEvent(event, blobs));
  return foldTape(decoded);
}
