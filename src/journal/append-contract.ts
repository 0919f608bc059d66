/** Contract: appending, reading, the hash chain, blobs, snapshots, heads. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../base/json.ts';
import { appended, event, freshStream, type JournalUnderTest, unitFor } from './contract-harness.ts';
import type { StreamId } from './event.ts';
import { verifyChain } from './hash-chain.ts';
import type { BlobHash } from './journal.ts';

export function contractOfAppend(use: () => JournalUnderTest): void {
  describe('append and read', () => appendTests(use));
  describe('hash chain', () => chainTests(use));
  describe('refused before it is stored', () => refusalTests(use));
  describe('streams, projects, blobs and snapshots', () => otherTests(use));
}

function appendTests(use: () => JournalUnderTest): void {
  it('stores a unit of several events contiguously and reads them back as they were returned', async () => {
    const { journal } = use();
    const stream = freshStream();
    const unit = unitFor(stream, 0, { events: [event('a.one', { n: 1 }), event('a.two', { n: [2, null] })] });
    const stored = appended(await journal.append(unit));
    expect(stored.map((e) => [e.version, e.kind, e.unit])).toEqual([
      [1, 'a.one', unit.id],
      [2, 'a.two', unit.id],
    ]);
    expect(stored[1]?.position).toBe((stored[0]?.position ?? 0) + 1);
    expect(await journal.read(stream)).toEqual(stored);
    expect(await journal.read(stream, { after: 1 })).toEqual(stored.slice(1));
    expect(await journal.read(stream, { limit: 1 })).toEqual(stored.slice(0, 1));
    expect(await journal.head()).toBe(stored[1]?.position);
  });

  it('answers a wrong expected version with the actual one and stores nothing', async () => {
    const { journal } = use();
    const stream = freshStream();
    expect(await journal.append(unitFor(stream, 3))).toEqual({ outcome: 'conflict', actualVersion: 0 });
    appended(await journal.append(unitFor(stream, 0)));
    const headBefore = await journal.head();
    expect(await journal.append(unitFor(stream, 0))).toEqual({ outcome: 'conflict', actualVersion: 1 });
    expect(await journal.head()).toBe(headBefore);
    expect(await journal.read(stream)).toHaveLength(1);
  });

  it('returns what is stored when a unit id comes again, even after later events', async () => {
    const { journal, other } = use();
    const stream = freshStream();
    const unit = unitFor(stream);
    const stored = appended(await journal.append(unit));
    appended(await journal.append(unitFor(stream, 1)));
    expect(await other.append(unit)).toEqual({ outcome: 'appended', events: stored, isDuplicate: true });
    expect(await journal.append({ ...unit, expectedVersion: 2 })).toMatchObject({ isDuplicate: true });
    expect(await journal.read(stream)).toHaveLength(2);
  });

  it('stores a unit once when the same id is appended several times at once', async () => {
    const { journal, other } = use();
    const unit = unitFor(freshStream());
    const outcomes = await Promise.all([journal.append(unit), journal.append(unit), other.append(unit)]);
    expect(outcomes.filter((o) => o.outcome === 'appended' && !o.isDuplicate)).toHaveLength(1);
    expect(outcomes.filter((o) => o.outcome === 'appended' && o.isDuplicate)).toHaveLength(2);
    expect(await journal.read(unit.stream)).toHaveLength(1);
  });

  it('lets exactly one of many writers win a version', async () => {
    const { journal, other } = use();
    const stream = freshStream();
    const writers = Array.from({ length: 10 }, (_, i) => (i % 2 ? journal : other).append(unitFor(stream)));
    const outcomes = await Promise.all(writers);
    expect(outcomes.filter((o) => o.outcome === 'appended')).toHaveLength(1);
    expect(outcomes.filter((o) => o.outcome === 'conflict' && o.actualVersion === 1)).toHaveLength(9);
  });

  it('keeps positions gapless under 16 concurrent appenders with conflicts in between', async () => {
    const { journal, other } = use();
    const before = await journal.head();
    const write = async (index: number): Promise<void> => {
      const stream = freshStream();
      const handle = index % 2 ? journal : other;
      for (let version = 0; version < 8; version += 2) {
        const [good, bad] = await Promise.all([
          handle.append(unitFor(stream, version, { events: [event(), event()] })),
          handle.append(unitFor(stream, version + 50)),
        ]);
        expect([good.outcome, bad.outcome]).toEqual(['appended', 'conflict']);
      }
    };
    await Promise.all(Array.from({ length: 16 }, (_, index) => write(index)));
    const all = await journal.readAll({ after: before, limit: 1_000 });
    expect(all.map((e) => e.position)).toEqual(Array.from({ length: 16 * 8 }, (_, i) => before + i + 1));
    expect(await other.head()).toBe(before + 16 * 8);
  });

  it('answers each unit of a batch by itself', async () => {
    const { journal } = use();
    const good = Array.from({ length: 5 }, () => unitFor(freshStream()));
    const outcomes = await Promise.all([
      ...good.slice(0, 2).map((unit) => journal.append(unit)),
      journal.append(unitFor(freshStream(), 9)),
      journal.append(unitFor(freshStream(), 0, { fence: 12_345_678 })),
      ...good.slice(2).map((unit) => journal.append(unit)),
    ]);
    expect(outcomes.map((o) => o.outcome)).toEqual([
      ...['appended', 'appended', 'conflict', 'fenced'],
      ...['appended', 'appended', 'appended'],
    ]);
    for (const unit of good) expect(await journal.read(unit.stream)).toHaveLength(1);
  });
}

function chainTests(use: () => JournalUnderTest): void {
  it('verifies over units, and finds a changed, a missing and a reordered event', async () => {
    const { journal } = use();
    const stream = freshStream();
    for (let version = 0; version < 6; version += 2) {
      appended(
        await journal.append(unitFor(stream, version, { events: [event('a', { version }), event('b')] })),
      );
    }
    const events = await journal.read(stream);
    expect(verifyChain(events)).toEqual({ isIntact: true });
    expect(verifyChain(events.slice(2), events[1])).toEqual({ isIntact: true });
    const changed = events.map((e) => (e.version === 3 ? { ...e, actor: 'person:eve' } : e));
    expect(verifyChain(changed)).toMatchObject({ isIntact: false, brokenVersion: 3 });
    expect(verifyChain(events.filter((e) => e.version !== 4))).toMatchObject({ brokenVersion: 4 });
    expect(verifyChain(events.toReversed())).toMatchObject({ brokenVersion: 1 });
  });

  it('round-trips unicode, escapes and every kind of JSON value under the same hash', async () => {
    const { journal } = use();
    const stream = freshStream('item', 'prøject/😀');
    const data = {
      'ключ \u0001\u001f\u007f\u2028 "\\/': ['\b\f\n\r\t', '😀', '\ufffd', 'ÅÅ'],
      '': { zero: -0, tiny: 5e-324, huge: 1.7976931348623157e308, big: 1e21, tenth: 0.1, negative: -1.5 },
      a: [true, false, null, {}, []],
    };
    const events = [{ ...event('ü"\n', data), actor: 'person:\u0007' }];
    const stored = appended(await journal.append(unitFor(stream, 0, { project: 'prøject', events })));
    const read = await journal.read(stream);
    expect(read).toEqual(stored);
    expect(read[0]?.data).toEqual({ ...data, '': { ...data[''], zero: 0 } });
    expect(verifyChain(read)).toEqual({ isIntact: true });
  });

  it('gives times as ISO text with milliseconds that never decrease in a stream', async () => {
    const { journal } = use();
    const stream = freshStream();
    for (let version = 0; version < 5; version += 1) appended(await journal.append(unitFor(stream, version)));
    const times = (await journal.read(stream)).map((e) => e.at);
    for (const at of times) expect(new Date(at).toISOString()).toBe(at);
    expect(times).toEqual(times.toSorted());
  });
}

function refusalTests(use: () => JournalUnderTest): void {
  it.each([
    ['a NUL in data', { data: { a: ['x', 'b\0'] } }, '$.events[0].data.a[1]'],
    ['half a surrogate pair in a key', { data: { '\ud800': 1 } }, '$.events[0].data (key)'],
    ['half a surrogate pair in the actor', { actor: 'x\udc00' }, '$.events[0].actor'],
  ])('%s, naming the place', async (_what, wrong, place) => {
    const { journal } = use();
    const stream = freshStream();
    const refused = journal.append(unitFor(stream, 0, { events: [{ ...event(), ...wrong }] }));
    await expect(refused).rejects.toMatchObject({ code: 'journal_unstorable_text' });
    await expect(refused).rejects.toThrow(place);
    expect(await journal.read(stream)).toEqual([]);
  });

  it('unstorable text in messages, both posted alone and in a unit', async () => {
    const { journal } = use();
    const post = { stream: freshStream(), id: 'm', kind: 'k', actor: 'a', data: { text: 'a\0' } };
    await expect(journal.post('p', post)).rejects.toMatchObject({ code: 'journal_unstorable_text' });
    const unit = unitFor(freshStream(), 0, { posts: [post] });
    await expect(journal.append(unit)).rejects.toThrow('$.posts[0].data.text');
  });

  it('units without events, with an id that is no UUID, or with a broken amount', async () => {
    const { journal } = use();
    const bad = { code: 'journal_bad_unit' };
    await expect(journal.append(unitFor(freshStream(), 0, { events: [] }))).rejects.toMatchObject(bad);
    await expect(journal.append(unitFor(freshStream(), 0, { id: 'x' }))).rejects.toMatchObject(bad);
    const ledger = [{ op: 'open' as const, account: 'x', ceilingMicroUsd: 0.5 }];
    await expect(journal.append(unitFor(freshStream(), 0, { ledger }))).rejects.toMatchObject(bad);
  });
}

function otherTests(use: () => JournalUnderTest): void {
  it('lists heads by project, prefix and claim unit, ordered by id', async () => {
    const { journal } = use();
    const project = `p${randomUUID()}`;
    const [b, a, agent] = ['item:b', 'item:a', 'agent:a'].map((id) => `${id}-${project}` as StreamId);
    if (!a || !b || !agent) throw new Error('three ids were made');
    const claimUnit = `mesh:${project}` as StreamId;
    for (const id of [b, a]) appended(await journal.append(unitFor(id, 0, { project, claimUnit })));
    appended(await journal.append(unitFor(agent, 0, { project })));
    const listed = async (options?: Parameters<typeof journal.streams>[1]): Promise<string[]> =>
      (await journal.streams(project, options)).map((head) => head.stream);
    expect(await listed()).toEqual([agent, a, b]);
    expect(await listed({ prefix: 'item:' })).toEqual([a, b]);
    expect(await listed({ claimUnit })).toEqual([a, b]);
    expect(await journal.streamHead(b)).toEqual({
      ...{ stream: b, project, version: 1, fence: 0, host: null, claimUnit, owner: null, wakeAt: null },
    });
    expect(await journal.streamHead(freshStream())).toBeUndefined();
  });

  it('keeps projects apart', async () => {
    const { journal } = use();
    const [one, two] = [`p${randomUUID()}`, `q${randomUUID()}`];
    const before = await journal.head();
    appended(await journal.append(unitFor(freshStream('item', one), 0, { project: one })));
    appended(await journal.append(unitFor(freshStream('item', two), 0, { project: two })));
    expect(await journal.projects()).toEqual(expect.arrayContaining([one, two]));
    expect(await journal.streams(one)).toHaveLength(1);
    const seen = await journal.readAll({ after: before, limit: 10, project: two });
    expect(seen.map((e) => e.stream.split('/')[0])).toEqual([`item:${two}`]);
  });

  it('stores bytes once under their hash', async () => {
    const { journal, other } = use();
    const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => i % 256);
    const hash = await journal.putBlob(bytes);
    expect(hash).toBe(sha256Hex(bytes));
    expect(await other.putBlob(bytes)).toBe(hash);
    expect(await other.getBlob(hash)).toEqual(bytes);
    expect(await journal.getBlob('0'.repeat(64) as BlobHash)).toBeUndefined();
  });

  it('keeps the newest snapshot of a stream', async () => {
    const { journal } = use();
    const stream = freshStream();
    expect(await journal.loadSnapshot(stream)).toBeUndefined();
    await journal.saveSnapshot(stream, { version: 500, reducerHash: 'r1', state: { a: 1 } });
    await journal.saveSnapshot(stream, { version: 900, reducerHash: 'r2', state: { b: [2] } });
    await journal.saveSnapshot(stream, { version: 700, reducerHash: 'r1', state: { late: true } });
    expect(await journal.loadSnapshot(stream)).toEqual({
      version: 900,
      reducerHash: 'r2',
      state: { b: [2] },
    });
  });
}
