/** One item's ceiling, many agents at once, real PostgreSQL: what is spent and reserved never passes it, at no moment. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Journal } from '../../src/journal/journal.ts';
import type { ReservationRow } from '../../src/journal/unit.ts';
import { openPostgresJournal } from '../../src/postgres/journal.ts';
import { openItemAccount } from '../doubles/open-item-account.ts';
import { openTestDatabase, type TestDatabase } from '../postgres.ts';
import { type CrowdReport, createRandom, crowdAccount, crowdProject, runCrowd } from './crowd.ts';
import { startCrowdProcess } from './start-crowd-process.ts';
import { type Seen, watchAccount } from './watch-account.ts';

let database: TestDatabase;
const journals: Journal[] = [];
beforeEach(async () => {
  database = await openTestDatabase();
});
afterEach(async () => {
  for (const journal of journals.splice(0)) await journal.close();
  await database.close();
});

/** A journal with connections of its own, as another process has. */
async function openJournal(): Promise<Journal> {
  const journal = await openPostgresJournal({ url: database.url, maxConnections: 4 });
  journals.push(journal);
  return journal;
}

interface Spending {
  seen: Seen;
  report: CrowdReport;
  reservations: ReservationRow[];
}

/** Runs crowds against one ceiling while somebody watches. */
async function spendAgainst(
  ceilingMicroUsd: number,
  crowds: () => Promise<CrowdReport>[],
): Promise<Spending> {
  const journal = await openJournal();
  const watch = await watchAccount(database.url, crowdAccount);
  let reports: CrowdReport[];
  let seen: Seen;
  try {
    await openItemAccount(journal, { project: crowdProject, ceilingMicroUsd });
    reports = await Promise.all(crowds());
  } finally {
    seen = await watch.stop();
  }
  const all = <K extends 'answered' | 'failed' | 'refused' | 'reached' | 'refusals'>(key: K) =>
    reports.flatMap((report) => report[key] as CrowdReport[K][number][]) as CrowdReport[K];
  const report: CrowdReport = {
    answered: all('answered'),
    failed: all('failed'),
    refused: all('refused'),
    reached: all('reached'),
    refusals: all('refusals'),
    chargedMicroUsd: reports.reduce((sum, { chargedMicroUsd }) => sum + chargedMicroUsd, 0),
  };
  return { seen, report, reservations: await journal.reservations(crowdProject) };
}

/** What holds of every run, whatever its costs. */
function expectCeilingHeld(ceilingMicroUsd: number, { seen, report, reservations }: Spending): void {
  expect(seen.mostMicroUsd).toBeLessThanOrEqual(ceilingMicroUsd);
  expect(seen.reservedMicroUsd).toBe(0);
  expect(seen.spentMicroUsd).toBe(report.chargedMicroUsd);

  // One reservation for every attempt that the provider saw, and none without; none is left open.
  expect(report.reached).toHaveLength(reservations.length);
  expect(reservations.filter(({ state }) => state === 'held')).toEqual([]);
  // A call's second attempt may be refused after its first one was made and failed; it is then seen once.
  const attempts = new Map<string, number>();
  for (const name of report.reached) attempts.set(name, (attempts.get(name) ?? 0) + 1);
  for (const name of report.refused) expect(attempts.get(name) ?? 0).toBeLessThan(2);
  for (const name of report.failed) expect(attempts.get(name)).toBe(2);
  for (const name of report.answered) expect(attempts.get(name)).toBeGreaterThan(0);

  for (const refusal of report.refusals) {
    expect(refusal).toMatchObject({ reason: 'over_ceiling', account: crowdAccount, ceilingMicroUsd });
    const { spentMicroUsd, reservedMicroUsd, wantedMicroUsd } = refusal;
    expect(spentMicroUsd + reservedMicroUsd + wantedMicroUsd).toBeGreaterThan(ceilingMicroUsd);
  }
}

/** The watcher must have looked while things moved, and both sides of the ceiling must have happened. */
function expectPressure({ seen, report }: Spending): void {
  expect(seen.changeCount).toBeGreaterThan(5);
  expect(report.answered.length).toBeGreaterThan(0);
  const unseen = report.refused.filter((name) => !report.reached.includes(name));
  expect(unseen.length).toBeGreaterThan(0);
}

describe('sixteen agents against one item ceiling on PostgreSQL', () => {
  const ceilingMicroUsd = 400_000;

  it('in one process: the account never passes the ceiling, and refused calls never reach the provider', async () => {
    const journal = await openJournal();
    const spending = await spendAgainst(ceilingMicroUsd, () => [
      runCrowd(journal, { cluster: 1, agentCount: 16, callCount: 12, seed: 1, outer: [] }),
    ]);
    expectCeilingHeld(ceilingMicroUsd, spending);
    expectPressure(spending);
  });

  it('with journals on separate connections, each with agents of its own: the same', async () => {
    const pair = [await openJournal(), await openJournal()];
    const spending = await spendAgainst(ceilingMicroUsd, () =>
      pair.map((journal, index) =>
        runCrowd(journal, { cluster: index + 1, agentCount: 8, callCount: 12, seed: 2, outer: [] }),
      ),
    );
    expectCeilingHeld(ceilingMicroUsd, spending);
    expectPressure(spending);
  });

  it('in two processes at once: the same', async () => {
    const processes = [1, 2].map((cluster) =>
      startCrowdProcess(database.url, { cluster, agentCount: 8, callCount: 12, seed: 3, outer: [] }),
    );
    try {
      await Promise.all(processes.map((crowd) => crowd.ready));
      const spending = await spendAgainst(ceilingMicroUsd, () => processes.map((crowd) => crowd.go()));
      expectCeilingHeld(ceilingMicroUsd, spending);
      expectPressure(spending);
      for (const cluster of ['1/', '2/']) {
        expect(spending.report.reached.some((name) => name.startsWith(cluster))).toBe(true);
      }
    } finally {
      for (const crowd of processes) crowd.kill();
    }
  });

  it.each([11, 12, 13, 14, 15, 16])('with costs and crowds drawn from seed %i: the same', async (seed) => {
    const random = createRandom(seed);
    const drawnMicroUsd = 1 + random.below(150_000);
    const clusters = 1 + random.below(3);
    const options = { agentCount: 2 + random.below(8), callCount: 2 + random.below(6), seed, outer: [] };
    const opened = await Promise.all(Array.from({ length: clusters }, openJournal));
    const spending = await spendAgainst(drawnMicroUsd, () =>
      opened.map((journal, index) => runCrowd(journal, { ...options, cluster: index + 1 })),
    );
    expectCeilingHeld(drawnMicroUsd, spending);
  });
});
