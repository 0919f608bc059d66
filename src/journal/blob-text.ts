/** Reads blobs that must be there: an event that names a missing blob is damage, and said so. */
import { MeshwrightError } from '../base/errors.ts';
import { canonicalJson } from '../base/json.ts';
import type { BlobHash, Journal } from './journal.ts';

/** @throws MeshwrightError `blob_missing`. */
export async function readTextBlob(journal: Journal, hash: string): Promise<string> {
  const bytes = await journal.getBlob(hash as BlobHash);
  if (!bytes) {
    throw new MeshwrightError(
      'blob_missing',
      `the journal names blob ${hash.slice(0, 12)} but does not hold it`,
      {
        hint: 'run `meshwright doctor`; restore the database from a backup if blobs were deleted by hand',
      },
    );
  }
  return new TextDecoder().decode(bytes);
}

export async function readJsonBlob<T>(journal: Journal, hash: string): Promise<T> {
  return JSON.parse(await readTextBlob(journal, hash)) as T;
}

export async function putTextBlob(journal: Journal, text: string): Promise<BlobHash> {
  return journal.putBlob(new TextEncoder().encode(text));
}

export async function putJsonBlob(journal: Journal, value: unknown): Promise<BlobHash> {
  return putTextBlob(journal, canonicalJson(value));
}
