import { expect, test } from 'vitest';
import { auditBlobs } from './audit-blobs.ts';
import type { EventRow } from './journal-record.ts';

const names = {
  namedBy: ({ kind, data }: EventRow) => (kind === 'named' ? [data] : []),
  deletedBy: ({ kind, data }: EventRow) => (kind === 'deleted' ? [data] : []),
};

/** Events `named x` and `deleted x` in order, then the blobs that are there. */
function audit(events: readonly string[], blobs: readonly string[]) {
  const damage: string[] = [];
  const audited = auditBlobs((place, text) => damage.push(`${place}: ${text}`), names);
  for (const [index, text] of events.entries()) {
    const [kind = '', data = ''] = text.split(' ');
    const row = { stream: 's', version: index + 1, position: index + 1, kind, data } as EventRow;
    audited.take({ table: 'event', row });
  }
  for (const hash of blobs)
    audited.take({ table: 'blob', row: { hash, size: 1, actualHash: hash, bytes: null } });
  audited.finish();
  return { damage, retired: audited.retiredCount(), unnamed: audited.unnamedCount() };
}

test('a blob that retention deleted is counted, and is no damage', () => {
  expect(audit(['named a', 'named b', 'deleted a'], ['b'])).toEqual({ damage: [], retired: 1, unnamed: 0 });
});

test('a blob that is missing without a word of retention is damage, whoever names it', () => {
  expect(audit(['named a', 'named a', 'deleted b'], []).damage).toEqual([
    'blob a: is missing; s version 2 names it and no retention deleted it',
  ]);
});

test('a blob that was put and named again after retention must be there', () => {
  expect(audit(['named a', 'deleted a', 'named a'], []).damage).toHaveLength(1);
  expect(audit(['named a', 'deleted a', 'named a'], ['a']).damage).toEqual([]);
});

test('a blob that nobody names is only counted', () => {
  expect(audit(['named a'], ['a', 'c'])).toEqual({ damage: [], retired: 0, unnamed: 1 });
});
