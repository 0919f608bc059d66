/** Blobs: bytes by their hash, stored once, with the time at which somebody last put them. */
import { sha256Hex } from '../base/json.ts';
import type { BlobHash, StoredBlob } from '../journal/journal.ts';
import type { Queryable } from './queryable.ts';

export async function putBlob(db: Queryable, bytes: Uint8Array): Promise<BlobHash> {
  const hash = sha256Hex(bytes) as BlobHash;
  // Put again, it is as young as a new one: retention, which decided before, then leaves it.
  await db.query(
    `insert into meshwright.blob (hash, bytes, put_at) values ($1, $2, clock_timestamp())
     on conflict (hash) do update set put_at = excluded.put_at`,
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

export async function listBlobs(
  db: Queryable,
  { putBefore, after = '' as BlobHash, limit }: { putBefore: string; after?: BlobHash; limit: number },
): Promise<StoredBlob[]> {
  const { rows } = await db.query<StoredBlob>(
    `select hash, length(bytes) as bytes from meshwright.blob
     where put_at < $1 and hash > $2 order by hash limit $3`,
    [putBefore, after, limit],
  );
  return rows;
}

export async function deleteBlobs(
  db: Queryable,
  hashes: readonly BlobHash[],
  putBefore: string,
): Promise<BlobHash[]> {
  const { rows } = await db.query<{ hash: BlobHash }>(
    'delete from meshwright.blob where hash = any($1) and put_at < $2 returning hash',
    [hashes, putBefore],
  );
  return rows.map(({ hash }) => hash);
}
