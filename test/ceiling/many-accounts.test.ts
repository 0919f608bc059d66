/**
 * A thousand agents of three processes reserve at once, on accounts of which each has another ceiling: none is ever passed, as
 * somebody sees who watches the rows from outside.
 */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Journal } from '../../src/journal/journal.ts';
import { sharedProject } from '../../src/journal/unit.ts';
import {
  type AccountPlan,
  clusterAccount,
  hostAccount,
  meshAccount,
} from '../../src/ledger/account-names.ts';
import { openPostgresJournal } from '../../src/postgres/journal.ts';
import { openItemAccount } from '../doubles/open-item-account.ts';
import { openTestDatabase, type TestDatabase } from '../postgres.ts';
import { type CrowdReport, crowdAccount, crowdProject } from './crowd.ts';
import { startCrowdProcess } from './start-crowd-process.ts';
import { type Seen, watchAccount } from './watch-account.ts';

let database: TestDatabase;
let journal: Journal;
beforeEach(async () => {
  database = await openTestDatabase();
  journal = await openPostgresJournal({ url: database.url });
});
afterEach(async () => {
  await journal.close();
  await database.close();
});

const noon = Date.UTC(2026, 10, 21, 12);
const agentsPerProcess = 334;

function plan(account: string, ceilingMicroUsd: number | null, isShared = false): AccountPlan {
  return { account, ceilingMicroUsd, isShared };
}

const host = plan(hostAccount('store', 'day', noon), 850_000, true);
const mesh = plan(meshAccount(crowdProject, 'day', noon), 500_000);
const month = plan(meshAccount(crowdProject, 'month', noon), null);
const clusters = [200_000, 400_000, 400_000].map((ceilingMicroUsd, index) =>
  plan(clusterAccount(crowdProject, `c${index + 1}`, 'day', noon), ceilingMicroUsd),
);

/** Whoever is first is stopped by a cluster's ceiling or the mesh's, and leaves the others some room under the host's. */
function outerOf(index: number): AccountPlan[] {
  const cluster = clusters[index];
  if (!cluster) throw new Error('three clusters');
  return index < 2 ? [cluster, mesh, month, host] : [cluster, host];
}

it('a thousand reservations at once from three processes never pass any account', async () => {
  await openItemAccount(journal, { project: crowdProject, ceilingMicroUsd: 100_000_000 });
  const limited = [...clusters, mesh, host];
  const watches = await Promise.all(limited.map(({ account }) => watchAccount(database.url, account)));
  const processes = [0, 1, 2].map((index) =>
    startCrowdProcess(database.url, {
      cluster: index + 1,
      agentCount: agentsPerProcess,
      callCount: 1,
      seed: 7 + index,
      outer: outerOf(index),
    }),
  );
  let seen: Seen[];
  let reports: CrowdReport[];
  try {
    await Promise.all(processes.map((crowd) => crowd.ready));
    reports = await Promise.all(processes.map((crowd) => crowd.go()));
  } finally {
    for (const crowd of processes) crowd.kill();
    seen = await Promise.all(watches.map((watch) => watch.stop()));
  }
  for (const [index, { ceilingMicroUsd }] of limited.entries()) {
    expect(seen[index]?.mostMicroUsd).toBeLessThanOrEqual(ceilingMicroUsd ?? 0);
    expect(seen[index]?.mostMicroUsd).toBeGreaterThan(0);
    expect(seen[index]?.reservedMicroUsd).toBe(0);
  }
  expect(seen.reduce((sum, { changeCount }) => sum + changeCount, 0)).toBeGreaterThan(20);
  const asked = reports.flatMap(({ answered, failed, refused }) => [...answered, ...failed, ...refused]);
  expect(asked).toHaveLength(3 * agentsPerProcess);
  const charged = reports.reduce((sum, { chargedMicroUsd }) => sum + chargedMicroUsd, 0);
  expect(await journal.account(crowdAccount)).toMatchObject({
    spentMicroUsd: charged,
    reservedMicroUsd: 0,
  });
  const refusals = reports.flatMap((report) => report.refusals);
  expect(refusals.some(({ account }) => account !== host.account)).toBe(true);
  for (const { account, ceilingMicroUsd, spentMicroUsd, reservedMicroUsd, wantedMicroUsd } of refusals) {
    expect(limited.find((each) => each.account === account)).toMatchObject({ ceilingMicroUsd });
    expect(spentMicroUsd + reservedMicroUsd + wantedMicroUsd).toBeGreaterThan(ceilingMicroUsd ?? 0);
  }
  const made = reports.flatMap(({ reached }) => reached);
  expect(await journal.reservations(crowdProject)).toHaveLength(made.length);
  const shared = await journal.accounts(sharedProject);
  const own = await journal.accounts(crowdProject);
  const spentOf = (name: string) =>
    [...shared, ...own].find(({ account }) => account === name)?.spentMicroUsd;
  const [first, second, third] = clusters.map(({ account }) => spentOf(account) ?? 0);
  expect(spentOf(mesh.account)).toBe((first ?? 0) + (second ?? 0));
  expect(spentOf(month.account)).toBe(spentOf(mesh.account));
  expect(spentOf(host.account)).toBe((first ?? 0) + (second ?? 0) + (third ?? 0));
});
