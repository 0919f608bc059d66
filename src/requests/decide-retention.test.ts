import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BlobHash } from '../journal/journal.ts';
import { type BlobUse, decideRetention, hashesIn, type RetentionFacts } from './decide-retention.ts';

const before = '2026-06-01T00:00:00.000Z';
const old = '2026-01-01T00:00:00.000Z';
const young = '2026-07-01T00:00:00.000Z';
const a = 'a'.repeat(64) as BlobHash;

function decide(uses: Omit<BlobUse, 'hash'>[], rest: Partial<RetentionFacts> = {}) {
  return decideRetention({
    project: 'p',
    blobs: [{ hash: a, bytes: 5 }],
    uses: uses.map((use) => ({ hash: a, ...use })),
    ended: new Set([1, 2]),
    before,
    item: null,
    ...rest,
  });
}

const gone = { delete: [{ hash: a, bytes: 5 }], keptInUse: 0, keptYoung: 0 };
const inUse = { delete: [], keptInUse: 1, keptYoung: 0 };

describe('what retention may delete', () => {
  it('is what only ended items name, and nobody of late', () => {
    const uses = [
      { stream: 'item:p/1', at: old },
      { stream: 'agent:p/2/build/developer/1/1', at: old },
    ];
    expect(decide(uses)).toEqual(gone);
    expect(decide([...uses, { stream: 'item:p/1', at: young }])).toEqual({
      ...gone,
      delete: [],
      keptYoung: 1,
    });
  });

  it('is what nothing names: a crash left it', () => {
    expect(decide([])).toEqual(gone);
  });

  it.each([
    ['a living item', 'item:p/3'],
    ['an agent of a living item', 'agent:p/3/build/developer/1/1'],
    ['an item whose number only begins like that of an ended one', 'item:p/11'],
    ['another project', 'item:q/1'],
    ['a project whose name begins like this one', 'item:p2/1'],
    ['the project itself', 'project:p'],
    ['a stream of a kind that is not known yet', 'memory:p/1'],
  ])('is nothing that %s names too', (_, stream) => {
    const uses = [
      { stream: 'item:p/1', at: old },
      { stream, at: old },
    ];
    expect(decide(uses)).toEqual(inUse);
    expect(decide(uses, { item: 1 })).toEqual(inUse);
  });

  it('is, when one item is to be erased, what that item alone names, however young', () => {
    const own = [{ stream: 'item:p/1', at: young }];
    expect(decide(own, { item: 1 })).toEqual(gone);
    expect(decide([...own, { stream: 'item:p/2', at: old }], { item: 1 })).toEqual(inUse);
    expect(decide([{ stream: 'item:p/2', at: old }], { item: 1 })).toEqual({ ...inUse, keptInUse: 0 });
    expect(decide([], { item: 1 })).toEqual({ ...inUse, keptInUse: 0 });
  });
});

it('finds a hash wherever it stands in an event, and takes nothing else for one', () => {
  const commit = 'c'.repeat(40);
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), fc.array(fc.string(), { maxLength: 4 }), (around, path) => {
      const value = path.reduce<unknown>((inner, key) => ({ around, [`${key}_`]: [inner] }), a);
      expect(hashesIn({ value, commit, short: 'a'.repeat(63) })).toEqual(new Set([a]));
    }),
  );
});
