/** Reads blobs that must be there: an event that names a missing blob is damage, and said so. */
import { MeshwrightError } from '../base/errors.ts';
import { canonicalJson } from '../base/json.ts';
import type { BlobHash, Journal } from './journal.ts';
import { findDeletion } from './retention.ts';

/** @throws MeshwrightError `blob_deleted`, `blob_missing`. */
export async function readTextBlob(journal: Journal, hash: string): Promise<string> {
  const bytes = await journal.getBlob(hash as BlobHash);
  if (!bytes) throw await explainMissingBlob(journal, hash);
  return new TextDecoder().decode(bytes);
}

export async function readJsonBlob<T>(journal: Journal, hash: string): Promise<T> {
  return JSON.parse(await readTextBlob(journal, hash)) as T;
}

/** Null: retention deleted it. @throws MeshwrightError `blob_missing`. */
export async function readJsonBlobIfKept<T>(journal: Journal, hash: string): Promise<T | null> {
  try {
    return await readJsonBlob<T>(journal, hash);
  } catch (error) {
    if (error instanceof MeshwrightError && error.code === 'blob_deleted') return null;
    throw error;
  }
}

export async function putTextBlob(journal: Journal, text: string): Promise<BlobHash> {
  return journal.putBlob(new TextEncoder().encode(text));
}

export async function putJsonBlob(journal: Journal, value: unknown): Promise<BlobHash> {
  return putTextBlob(journal, canonicalJson(value));
}

/** Why a blob that an event names is not there. */
export async function explainMissingBlob(
  journal: Pick<Journal, 'projects' | 'read'>,
  hash: string,
): Promise<MeshwrightError> {
  const deletedAt = await findDeletion(journal, hash);
  if (deletedAt !== null) {
    return new MeshwrightError(
      'blob_deleted',
      `what blob ${hash.slice(0, 12)} held was deleted by retention on ${deletedAt.slice(0, 10)}`,
      { hint: 'The events are all there: `meshwright show` and `log` say what happened.' },
    );
  }
  return new MeshwrightError(
    'blob_missing',
    `the journal names blob ${hash.slice(0, 12)} but does not hold it, and no retention deleted it`,
    { hint: 'Run `meshwright doctor --verify`; restore the database from a backup.' },
  );
}
