/** The server is killed with appends in flight: what was acknowledged is stored, the rest at most once. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readPostmasterPid } from '../../test/storage/embedded-home.ts';
import { event, freshStream, unitFor } from '../journal/contract-harness.ts';
import type { StreamId } from '../journal/event.ts';
import { verifyChain } from '../journal/hash-chain.ts';
import type { Journal } from '../journal/journal.ts';
import type { Unit } from '../journal/unit.ts';
import { openPostgresJournal } from './journal.ts';
import { type Database, openDatabase, waitForServerEnd } from './open-database.ts';

const STREAMS = 16;
const KILLS = 3;
const COST = 5;

let home = '';
let database: Database;
let journal: Journal;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'meshwright-death-'));
  database = await openDatabase({ home });
  journal = await openPostgresJournal(database);
});
afterEach(async () => {
  await journal.close();
  await database.close();
  await waitForServerEnd(home);
  rmSync(home, { recursive: true, force: true });
});

interface Writer {
  stream: StreamId;
  acknowledged: Unit[];
  /** Handed in, and never answered with `appended`. */
  unanswered: Unit[];
}

/** What a paid step writes: a reservation and, in the same unit, what it really cost. */
function paidUnit(stream: StreamId, version: number): Unit {
  const reservation = randomUUID();
  return {
    id: randomUUID(),
    project: 'p',
    stream,
    expectedVersion: version,
    fence: null,
    events: [event('paid.step', { reservation }), event('paid.end')],
    posts: [{ stream: `mesh:p` as StreamId, id: reservation, kind: 'k', actor: 'a', data: {} }],
    ledger: [
      { op: 'reserve', reservation, accounts: ['acc'], amountMicroUsd: COST * 2 },
      { op: 'settle', reservation, actualMicroUsd: COST },
    ],
  };
}

async function write(isOver: () => boolean): Promise<Writer> {
  const writer: Writer = { stream: freshStream(), acknowledged: [], unanswered: [] };
  for (let version = 0; !isOver(); version += 2) {
    const unit = paidUnit(writer.stream, version);
    const outcome = await journal.append(unit).catch((error: unknown) => ({ outcome: 'rejected', error }));
    if (outcome.outcome === 'appended') writer.acknowledged.push(unit);
    else {
      writer.unanswered.push(unit);
      break;
    }
  }
  return writer;
}

it('loses nothing that it acknowledged and stores nothing twice, with 16 streams in flight at every death', async () => {
  const open = { op: 'open' as const, account: 'acc', ceilingMicroUsd: null };
  await journal.append(unitFor(freshStream('mesh'), 0, { ledger: [open] }));
  let isOver = false;
  const writing = Array.from({ length: STREAMS }, () => write(() => isOver));
  for (let kill = 0; kill < KILLS; kill += 1) {
    const before = await journal.head();
    // Well after the restart: the next death must find appends in flight again.
    await expect.poll(() => journal.head(), { timeout: 60_000 }).toBeGreaterThan(before + STREAMS * 10);
    process.kill(readPostmasterPid(home), 'SIGKILL');
    await delay(50);
  }
  isOver = true;
  const writers = await Promise.all(writing);

  const stored = new Map<string, number>();
  for (const { stream, acknowledged, unanswered } of writers) {
    const events = await journal.read(stream);
    expect(verifyChain(events)).toEqual({ isIntact: true });
    for (const { unit } of events) stored.set(unit, (stored.get(unit) ?? 0) + 1);
    expect(acknowledged.length).toBeGreaterThan(0);
    for (const unit of acknowledged) expect(stored.get(unit.id)).toBe(unit.events.length);
    for (const unit of unanswered) expect([undefined, unit.events.length]).toContain(stored.get(unit.id));
  }
  const all = await journal.readAll({ after: 0, limit: 1_000_000 });
  expect(all.map(({ position }) => position)).toEqual(all.map((_, index) => index + 1));
  const reservations = all.flatMap(({ kind, data }) => (kind === 'paid.step' ? [data.reservation] : []));
  const rows = await journal.reservations('p');
  expect(rows.map(({ reservation }) => reservation)).toEqual(reservations.toSorted());
  expect(rows.every(({ state, settledMicroUsd }) => state === 'settled' && settledMicroUsd === COST)).toBe(
    true,
  );
  const spent = { spentMicroUsd: rows.length * COST, reservedMicroUsd: 0 };
  expect(await journal.account('acc')).toMatchObject(spent);
  const posted = await journal.inbox('mesh:p' as StreamId);
  expect(posted.map(({ id }) => id).toSorted()).toEqual(reservations.toSorted());
});
