/** Blobs: bytes by their hash, stored once. */
import { sha256Hex } from '../base/json.ts';
import type { BlobHash } from '../journal/journal.ts';
import type { Queryable } from './queryable.ts';

export async function putBlob(db: Queryable, bytes: Uint8Array): Promise<BlobHash> {
  const hash = sha256Hex(bytes) as BlobHash;
  await db.query(
    'insert into meshwright.blob (hash, bytes) values ($1, $2) on conflict (hash) do nothing',
    [hash, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)],
  );
  return hash;
}

export async function getBlob(db: Queryable, hash: BlobHash): Promise<Uint8Array | undefined> {
  const { rows } = await db.query<{ bytes: Buffer }>('select bytes from meshwright.blob where hash = $1', [
    hash,
  ]);
  return rows[0] && Uint8Array.from(rows[0].bytes);
}
