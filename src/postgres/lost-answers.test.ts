/** What the journal's operations answer when their connection is cut before, or after, the server did what was asked. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../test/postgres.ts';
import { type CuttableWire, openWire } from '../../test/storage/cuttable-wire.ts';
import { appended, freshStream, unitFor } from '../journal/contract-harness.ts';
import type { StreamId } from '../journal/event.ts';
import type { BlobHash, ClaimRequest, Journal } from '../journal/journal.ts';
import { connectClient } from './connect.ts';
import { openPostgresJournal } from './journal.ts';

let database: TestDatabase;
let wire: CuttableWire;
/** Over the wire, and around it. */
let journal: Journal;
let observer: Journal;

beforeEach(async () => {
  database = await openTestDatabase();
  wire = await openWire(database.url);
  observer = await openPostgresJournal({ url: database.url });
  journal = await openPostgresJournal({ url: wire.url, patienceMs: 4_000 });
});
afterEach(async () => {
  await journal.close();
  await wire.close();
  await observer.close();
  await database.close();
});

const request: ClaimRequest = { owner: 'w1', host: 'h', leaseMs: 60_000, project: 'p' };
const ping = (stream: StreamId) => ({ stream, id: 'm', kind: 'k', actor: 'a', data: {} });

describe.each(['cutAnswerTo', 'cutRequest'] as const)('a lost connection (%s)', (how) => {
  it('leaves no unit held by a claim that nobody knows', async () => {
    for (let count = 0; count < 3; count += 1) await observer.post('p', ping(freshStream('cluster')));
    wire[how]('meshwright.claim(');
    const claim = await journal.claim(request);
    expect(await observer.claimHolders('p')).toEqual([
      { unit: claim?.unit, owner: 'w1', host: 'h', fence: claim?.fence, leaseUntil: expect.any(String) },
    ]);
  });

  it('does not make a named unit look taken by somebody else', async () => {
    const unit = freshStream('cluster');
    wire[how]('meshwright.claim(');
    const claim = await journal.claimUnit(unit, request);
    expect(claim).toMatchObject({ unit, owner: 'w1' });
    expect(await observer.streamHead(unit)).toBeUndefined();
    expect((await observer.claimHolders('p')).map(({ fence }) => fence)).toEqual([claim?.fence]);
    // What this very owner holds stays its own: only a repeat of the same request may have it.
    expect(await journal.claimUnit(unit, request)).toBeUndefined();
  });

  it('delivers a message once and calls it posted', async () => {
    const stream = freshStream();
    wire[how]('meshwright.post(');
    expect(await journal.post('p', ping(stream))).toBe('posted');
    expect(await journal.post('p', ping(stream))).toBe('duplicate');
    expect((await observer.inbox(stream)).map(({ id }) => id)).toEqual(['m']);
  });

  it('gives a unit back, and renews a lease', async () => {
    const unit = freshStream('cluster');
    const claim = await journal.claimUnit(unit, request);
    if (!claim) throw new Error('not claimed');
    wire[how]('lease_until = clock_timestamp()');
    expect(await journal.renew(claim, 60_000)).toBe(true);
    wire[how]('owner = null');
    await journal.release(claim, null);
    expect(await observer.claimHolders('p')).toEqual([]);
  });

  it('is not seen by those who read, or who store what may be stored twice', async () => {
    const stream = freshStream();
    const accounts = [{ op: 'open' as const, account: 'acc', ceilingMicroUsd: 7 }];
    appended(await observer.append(unitFor(stream, 0, { ledger: accounts })));
    const snapshot = { version: 1, reducerHash: 'r', state: { n: 1 } };
    const bytes = Uint8Array.from([1, 2, 3]);
    const hash = await observer.putBlob(bytes);
    const operations: Record<string, (from: Journal) => Promise<unknown>> = {
      read: (from) => from.read(stream),
      readAll: (from) => from.readAll({ after: 0, limit: 10 }),
      head: (from) => from.head(),
      streams: (from) => from.streams('p'),
      streamHead: (from) => from.streamHead(stream),
      projects: (from) => from.projects(),
      inbox: (from) => from.inbox(stream),
      claimHolders: (from) => from.claimHolders('p'),
      account: (from) => from.account('acc'),
      accountsNamed: (from) => from.accountsNamed(['acc']),
      accounts: (from) => from.accounts('p'),
      reservations: (from) => from.reservations('p'),
      putBlob: (from) => from.putBlob(bytes),
      getBlob: (from) => from.getBlob(hash as BlobHash),
      saveSnapshot: (from) => from.saveSnapshot(stream, snapshot),
      loadSnapshot: (from) => from.loadSnapshot(stream),
    };
    for (const [name, operation] of Object.entries(operations)) {
      wire[how]('meshwright.');
      const found = await operation(journal);
      expect(found, name).toEqual(await operation(observer));
    }
  });
});

it('ends what a lost session was still at: a claim that waits for appends takes nothing behind our back', async () => {
  for (let count = 0; count < 2; count += 1) await observer.post('p', ping(freshStream('cluster')));
  const admin = await connectClient(database.url, { applicationName: 'test admin' });
  const waiting = async (): Promise<number[]> => {
    await admin.query('select pg_stat_clear_snapshot()');
    const { rows } = await admin.query<{ pid: number }>(
      `select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    return rows.map(({ pid }) => pid);
  };
  try {
    await admin.query('begin; select from meshwright.journal_head for update');
    const claiming = journal.claim(request);
    await expect.poll(waiting, { timeout: 10_000 }).toHaveLength(1);
    const [first] = await waiting();
    wire.cutAll();
    await expect
      .poll(async () => (await waiting()).some((pid) => pid !== first), { timeout: 10_000 })
      .toBe(true);
    await admin.query('rollback');
    const claim = await claiming;
    expect((await observer.claimHolders('p')).map(({ unit }) => unit)).toEqual([claim?.unit]);
  } finally {
    await admin.end();
  }
});

it('says database_unreachable, for every operation, when the server does not come back', async () => {
  const unit = freshStream('cluster');
  const claim = await journal.claimUnit(unit, request);
  if (!claim) throw new Error('not claimed');
  await wire.close();
  const asked = [
    journal.read(unit),
    journal.append(unitFor(unit, 0, { fence: claim.fence })),
    journal.append(unitFor(freshStream())),
    journal.claim(request),
    journal.renew(claim, 60_000),
    journal.release(claim, null),
    journal.post('p', ping(unit)),
    journal.putBlob(Uint8Array.from([1])),
  ];
  for (const outcome of await Promise.allSettled(asked)) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'database_unreachable' } });
  }
});
