/**
 * What retention records: which blobs it deletes, before it does, in a stream of its own. The events that name them stay
 * as they are, so every hash chain is whole, and a blob that is not there can be told from one that was lost.
 */
import type { JsonObject } from '../base/json.ts';
import { type NewEvent, type StreamId, streamId } from './event.ts';
import type { BlobHash, Journal } from './journal.ts';

export const deletionKind = 'blobs.deleted';
/** An event stays small enough to be read with others. */
export const hashesPerDeletion = 200;

/** Shared: whoever applies retention appends to it. */
export function retentionStream(project: string): StreamId {
  return streamId('retention', project);
}

/** `policy`: what was asked for, for the record. */
export function deletionEvent(hashes: readonly BlobHash[], policy: JsonObject, actor: string): NewEvent {
  return { kind: deletionKind, schema: 1, actor, data: { ...policy, hashes: [...hashes] } };
}

/** ISO time at which retention of any project deleted it; null when none did. For explaining, not for every read. */
export async function findDeletion(
  journal: Pick<Journal, 'projects' | 'read'>,
  hash: string,
): Promise<string | null> {
  for (const project of await journal.projects()) {
    for (const { kind, at, data } of await journal.read(retentionStream(project))) {
      if (kind === deletionKind && Array.isArray(data.hashes) && data.hashes.includes(hash)) return at;
    }
  }
  return null;
}
