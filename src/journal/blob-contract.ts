/** Contract of blobs: stored once by hash, deleted only when nobody put them again. */
import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { appended, freshStream, type JournalUnderTest, unitFor } from './contract-harness.ts';
import type { BlobHash, Journal } from './journal.ts';

const later = '2999-01-01T00:00:00.000Z';
const never = '2000-01-01T00:00:00.000Z';

export function contractOfBlobs(use: () => JournalUnderTest): void {
  it('lists blobs by hash, page after page, with their sizes', async () => {
    const { journal, other } = use();
    const put: BlobHash[] = [];
    for (let size = 1; size <= 7; size += 1) put.push(await journal.putBlob(randomBytes(size)));
    const found = new Map<BlobHash, number>();
    for (let after: BlobHash | undefined; ; ) {
      const page = await other.listBlobs({ putBefore: later, limit: 3, ...(after && { after }) });
      for (const { hash, bytes } of page) found.set(hash, bytes);
      expect([...page].sort((a, b) => (a.hash < b.hash ? -1 : 1))).toEqual(page);
      after = page.at(-1)?.hash;
      if (page.length < 3) break;
    }
    expect(put.map((hash) => found.get(hash))).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('deletes what is named and old enough, says what it was, and leaves the rest', async () => {
    const { journal, other } = use();
    const [gone, kept] = [await journal.putBlob(randomBytes(9)), await journal.putBlob(randomBytes(9))];
    expect(await journal.deleteBlobs([gone], never)).toEqual([]);
    expect(await journal.listBlobs({ putBefore: never, limit: 10 })).toEqual([]);
    expect(await other.getBlob(gone)).toHaveLength(9);
    expect(await journal.deleteBlobs([gone, '0'.repeat(64) as BlobHash], later)).toEqual([gone]);
    expect(await other.getBlob(gone)).toBeUndefined();
    expect(await other.getBlob(kept)).toHaveLength(9);
  });

  it('never deletes a blob that was put again after the time at which it was decided', async () => {
    const { journal, passTime } = use();
    const bytes = randomBytes(9);
    const hash = await journal.putBlob(bytes);
    await passTime(50);
    const decidedAt = await timeOf(journal);
    await passTime(50);
    await journal.putBlob(bytes);
    expect(await journal.deleteBlobs([hash], decidedAt)).toEqual([]);
    expect(await journal.getBlob(hash)).toEqual(Uint8Array.from(bytes));
  });

  it('takes a blob that was deleted once more as if it were new', async () => {
    const { journal } = use();
    const bytes = randomBytes(9);
    const hash = await journal.putBlob(bytes);
    await journal.deleteBlobs([hash], later);
    expect(await journal.putBlob(bytes)).toBe(hash);
    expect(await journal.getBlob(hash)).toEqual(Uint8Array.from(bytes));
  });
}

/** The journal's own now. */
async function timeOf(journal: Journal): Promise<string> {
  return appended(await journal.append(unitFor(freshStream())))[0]?.at ?? '';
}
