/** Contract: claim units. Who may write, since when, and what becomes due. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { appended, freshStream, type JournalUnderTest, unitFor } from './contract-harness.ts';
import type { StreamId } from './event.ts';
import type { Claim, ClaimRequest, Journal } from './journal.ts';

const LEASE_MS = 60_000;
const SHORT_MS = 30;

export function contractOfClaims(use: () => JournalUnderTest): void {
  describe('claims', () => claimTests(use));
  describe('leases', () => leaseTests(use));
  describe('fences', () => fenceTests(use));
  describe('owners that are known to be dead', () => voidOwnerTests(use));
}

interface Subject extends JournalUnderTest {
  project: string;
  unit: StreamId;
  request(owner: string, leaseMs?: number): ClaimRequest;
}

/** A claim unit in a project of its own, so that `claim` can find no other. */
async function setUp(use: () => JournalUnderTest): Promise<Subject> {
  const project = `c${randomUUID()}`;
  const unit = freshStream('cluster', project);
  appended(await use().journal.append(unitFor(unit, 0, { project })));
  return {
    ...use(),
    project,
    unit,
    request: (owner, leaseMs = LEASE_MS) => ({ owner, host: 'h', leaseMs, project }),
  };
}

function mustClaim(claim: Claim | undefined): Claim {
  if (!claim) throw new Error('nothing was claimed');
  return claim;
}

/** ISO time `ms` after the journal's own now. */
async function isoIn(journal: Journal, ms: number): Promise<string> {
  const [event] = appended(await journal.append(unitFor(freshStream())));
  return new Date(Date.parse(event?.at ?? '') + ms).toISOString();
}

const ping = (stream: StreamId) => ({ stream, id: 'm', kind: 'k', actor: 'a', data: {} });

function claimTests(use: () => JournalUnderTest): void {
  it('finds nothing where nothing is due, but takes a named unit at any time', async () => {
    const { journal, project, unit, request } = await setUp(use);
    expect(await journal.claim(request('w1'))).toBeUndefined();
    const claim = mustClaim(await journal.claimUnit(unit, request('w1')));
    expect(claim).toEqual({ unit, project, owner: 'w1', fence: claim.fence });
    expect(claim.fence).toBeGreaterThan(0);
    expect(await journal.streamHead(unit)).toMatchObject({ owner: 'w1', fence: claim.fence });
  });

  it('takes a unit that does not exist yet when its project is named', async () => {
    const { journal } = use();
    const unit = freshStream('mesh');
    const request = { owner: 'w1', host: 'h', leaseMs: LEASE_MS };
    expect(await journal.claimUnit(unit, request)).toBeUndefined();
    const claim = mustClaim(await journal.claimUnit(unit, { ...request, project: 'p' }));
    appended(await journal.append(unitFor(unit, 0, { fence: claim.fence })));
    await journal.release(claim, null);
  });

  it('leaves kinds alone that the worker cannot drive, however long they are due', async () => {
    const { journal, project, unit, request } = await setUp(use);
    await journal.post(project, ping(unit));
    const kind = unit.slice(0, unit.indexOf(':'));
    const others = { ...request('w1'), kinds: ['nothing', 'else'] };
    expect(await journal.claim(others)).toBeUndefined();
    expect(await journal.claimUnit(unit, others)).toBeUndefined();
    const claim = mustClaim(await journal.claim({ ...others, kinds: ['nothing', kind] }));
    expect(claim.unit).toBe(unit);
    await journal.release(claim, null);
  });

  it('keeps a unit whose work is on a disk with the host that had it, when it is asked to', async () => {
    const { journal, project, unit, request } = await setUp(use);
    const hostBoundKinds = [unit.slice(0, unit.indexOf(':'))];
    const first = mustClaim(await journal.claimUnit(unit, request('w1')));
    await journal.release(first, null);
    await journal.post(project, ping(unit));
    const elsewhere = { ...request('w2'), host: 'elsewhere', hostBoundKinds };
    expect(await journal.claim(elsewhere)).toBeUndefined();
    expect(await journal.claimUnit(unit, elsewhere)).toBeUndefined();
    expect(await journal.streamHead(unit)).toMatchObject({ host: 'h' });
    const same = mustClaim(await journal.claim({ ...request('w3'), hostBoundKinds }));
    await journal.release(same, null);
    // Units of other kinds go where they are due.
    const free = mustClaim(await journal.claim({ ...elsewhere, hostBoundKinds: ['nothing'] }));
    await journal.release(free, null);
  });

  it('is due while a message waits, and skips what is owned', async () => {
    const { journal, other, project, unit, request } = await setUp(use);
    await journal.post(project, ping(unit));
    const claim = mustClaim(await journal.claim(request('w1')));
    expect(claim.unit).toBe(unit);
    expect(await other.claim(request('w2'))).toBeUndefined();
    expect(await other.claimUnit(unit, request('w2'))).toBeUndefined();
    await journal.release(claim, null);
    const again = mustClaim(await other.claim(request('w2')));
    appended(await other.append(unitFor(unit, 1, { project, fence: again.fence, consumes: ['m'] })));
    await other.release(again, null);
    expect(await journal.claim(request('w1'))).toBeUndefined();
  });

  it('is due by a message for one of its streams, and for a stream that does not exist yet', async () => {
    const { journal, project, unit, request } = await setUp(use);
    const member = freshStream();
    appended(await journal.append(unitFor(member, 0, { project, claimUnit: unit })));
    await journal.post(project, ping(member));
    expect((await journal.claim(request('w1')))?.unit).toBe(unit);
    const future = freshStream();
    await journal.post(project, ping(future));
    expect((await journal.claim(request('w1')))?.unit).toBe(future);
  });

  it('is due when its wake time has passed, not before', async () => {
    const { journal, passTime, unit, request } = await setUp(use);
    const early = mustClaim(await journal.claimUnit(unit, request('w1')));
    const wakeAt = await isoIn(journal, 60_000);
    await journal.release(early, wakeAt);
    expect(await journal.claim(request('w1'))).toBeUndefined();
    expect((await journal.streamHead(unit))?.wakeAt).toBe(wakeAt);
    const late = mustClaim(await journal.claimUnit(unit, request('w1')));
    await journal.release(late, await isoIn(journal, SHORT_MS));
    await passTime(SHORT_MS * 2);
    expect((await journal.claim(request('w2')))?.unit).toBe(unit);
  });

  it('gives each due unit to one of many workers', async () => {
    const { journal, other, project, request } = await setUp(use);
    const units = Array.from({ length: 4 }, () => freshStream('cluster', project));
    for (const stream of units) await journal.post(project, ping(stream));
    const found: StreamId[] = [];
    const work = async (handle: Journal, owner: string): Promise<void> => {
      for (let attempt = 0; attempt < 20 && found.length < units.length; attempt += 1) {
        const claim = await handle.claim(request(owner));
        if (claim) found.push(claim.unit);
      }
    };
    await Promise.all([work(journal, 'w1'), work(other, 'w2'), work(journal, 'w3')]);
    expect(found.toSorted()).toEqual(units.toSorted());
  });
}

function leaseTests(use: () => JournalUnderTest): void {
  it('makes a unit due when it expires, although nothing else does; the old owner has lost it', async () => {
    const { journal, other, passTime, unit, request } = await setUp(use);
    const lost = mustClaim(await journal.claimUnit(unit, request('w1', SHORT_MS)));
    await passTime(SHORT_MS * 2);
    expect((await other.streamHead(unit))?.owner).toBeNull();
    const taken = mustClaim(await other.claim(request('w2')));
    expect(taken.unit).toBe(unit);
    expect(taken.fence).toBeGreaterThan(lost.fence);
    expect(await journal.renew(lost, LEASE_MS)).toBe(false);
    expect(await other.renew(taken, LEASE_MS)).toBe(true);
    await journal.release(lost, null);
    expect((await journal.streamHead(unit))?.owner).toBe('w2');
  });

  it('keeps the unit while it is renewed', async () => {
    const { journal, other, passTime, unit, request } = await setUp(use);
    const claim = mustClaim(await journal.claimUnit(unit, request('w1', 1_000)));
    expect(await journal.renew(claim, LEASE_MS)).toBe(true);
    await passTime(1_100);
    expect(await other.claim(request('w2'))).toBeUndefined();
  });
}

function fenceTests(use: () => JournalUnderTest): void {
  it('refuse the old owner of a unit, on every stream of it, with the fence that counts', async () => {
    const { journal, other, passTime, project, unit, request } = await setUp(use);
    const member = freshStream();
    const old = mustClaim(await journal.claimUnit(unit, request('w1', SHORT_MS)));
    appended(await journal.append(unitFor(member, 0, { project, fence: old.fence, claimUnit: unit })));
    await passTime(SHORT_MS * 2);
    const current = mustClaim(await other.claimUnit(unit, request('w2')));
    const fenced = { outcome: 'fenced', actualFence: current.fence };
    expect(await journal.append(unitFor(unit, 1, { project, fence: old.fence }))).toEqual(fenced);
    expect(await journal.append(unitFor(member, 1, { project, fence: old.fence }))).toEqual(fenced);
    const late = unitFor(freshStream(), 0, { project, fence: old.fence, claimUnit: unit });
    expect(await journal.append(late)).toEqual(fenced);
    appended(await other.append(unitFor(member, 1, { project, fence: current.fence })));
  });

  it('do not hide a unit that is stored already from its writer', async () => {
    const { journal, passTime, project, unit, request } = await setUp(use);
    const old = mustClaim(await journal.claimUnit(unit, request('w1', SHORT_MS)));
    const write = unitFor(unit, 1, { project, fence: old.fence });
    appended(await journal.append(write));
    await passTime(SHORT_MS * 2);
    mustClaim(await journal.claimUnit(unit, request('w2')));
    expect(await journal.append(write)).toMatchObject({ outcome: 'appended', isDuplicate: true });
  });

  it('follow a stream that moves into another unit, and so do its messages', async () => {
    const { journal, project, unit, request } = await setUp(use);
    const [target, item] = [freshStream('cluster', project), freshStream()];
    appended(await journal.append(unitFor(item, 0, { project, claimUnit: unit })));
    const from = mustClaim(await journal.claimUnit(unit, request('w1')));
    await journal.post(project, ping(item));
    const move = unitFor(item, 1, { project, fence: from.fence, transferTo: target });
    appended(await journal.append(move));
    const to = mustClaim(await journal.claim(request('w2')));
    expect(to.unit).toBe(target);
    expect((await journal.inbox(target)).map((m) => m.id)).toEqual(['m']);
    expect(await journal.inbox(unit)).toEqual([]);
    const fenced = { outcome: 'fenced', actualFence: to.fence };
    expect(await journal.append(unitFor(item, 2, { project, fence: from.fence }))).toEqual(fenced);
    appended(await journal.append(unitFor(item, 2, { project, fence: to.fence, transferTo: unit })));
    // The first move again is a duplicate: it must not move the stream a second time.
    appended(await journal.append(move));
    expect((await journal.streamHead(item))?.claimUnit).toBe(unit);
  });
}

function voidOwnerTests(use: () => JournalUnderTest): void {
  it('hold nothing against a claim that names them, whatever their lease; their fence is topped', async () => {
    const { journal, other, project, unit, request } = await setUp(use);
    const dead = mustClaim(await journal.claimUnit(unit, request('w1')));
    expect(await other.claim(request('w2'))).toBeUndefined();
    expect(await other.claim({ ...request('w2'), voidOwners: ['w0', 'w3'] })).toBeUndefined();
    const taken = mustClaim(await other.claim({ ...request('w2'), voidOwners: ['w0', 'w1'] }));
    expect(taken).toMatchObject({ unit, project, owner: 'w2' });
    expect(taken.fence).toBeGreaterThan(dead.fence);
    expect(await journal.renew(dead, LEASE_MS)).toBe(false);
    const late = unitFor(unit, 1, { project, fence: dead.fence });
    expect(await journal.append(late)).toEqual({ outcome: 'fenced', actualFence: taken.fence });
  });

  it('lose a named unit as well, and only what is theirs', async () => {
    const { journal, other, project, unit, request } = await setUp(use);
    const mine = freshStream('cluster', project);
    mustClaim(await journal.claimUnit(mine, request('w1')));
    mustClaim(await journal.claimUnit(unit, request('dead')));
    const voiding = { ...request('w2'), voidOwners: ['dead'] };
    expect(await other.claimUnit(mine, voiding)).toBeUndefined();
    expect((await other.claimUnit(unit, voiding))?.owner).toBe('w2');
    expect(await other.claim(voiding)).toBeUndefined();
  });

  it('of another project are left alone', async () => {
    const { journal, other, unit, request } = await setUp(use);
    mustClaim(await journal.claimUnit(unit, request('w1')));
    const foreign = { ...request('w2'), project: 'elsewhere', voidOwners: ['w1'] };
    expect(await other.claim(foreign)).toBeUndefined();
    expect(await other.claimUnit(unit, foreign)).toBeUndefined();
    expect((await journal.streamHead(unit))?.owner).toBe('w1');
  });

  it('are found among the holders, their leases run out or not; a unit given back has none', async () => {
    const { journal, other, passTime, project, unit, request } = await setUp(use);
    const second = freshStream('cluster', project);
    const third = freshStream('cluster', project);
    const short = mustClaim(await journal.claimUnit(unit, request('w1', SHORT_MS)));
    const long = mustClaim(await journal.claimUnit(second, request('w2')));
    await journal.release(mustClaim(await journal.claimUnit(third, request('w2'))), null);
    await passTime(SHORT_MS * 2);
    const holders = await other.claimHolders(project);
    const found = holders.map(({ leaseUntil, ...holder }) => ({ ...holder, at: Date.parse(leaseUntil) }));
    const expected = [
      { unit, owner: 'w1', host: 'h', fence: short.fence, at: expect.any(Number) },
      { unit: second, owner: 'w2', host: 'h', fence: long.fence, at: expect.any(Number) },
    ];
    expect(found).toEqual(expected.toSorted((a, b) => (a.unit < b.unit ? -1 : 1)));
    const [one, two] = [unit, second].map(
      (id) => holders.find((holder) => holder.unit === id)?.leaseUntil ?? '',
    );
    expect(Date.parse(two ?? '') - Date.parse(one ?? '')).toBeGreaterThan(LEASE_MS / 2);
    expect(holders.every(({ leaseUntil }) => new Date(leaseUntil).toISOString() === leaseUntil)).toBe(true);
  });
}
