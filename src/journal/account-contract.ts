/** Contract: accounts that their first reservation opens, accounts that all projects share, and thresholds that are told. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { appended, freshStream, type JournalUnderTest, unitFor } from './contract-harness.ts';
import type { StreamId } from './event.ts';
import { type AppendOutcome, type LedgerChange, sharedProject } from './unit.ts';

type Use = () => JournalUnderTest;

export function contractOfAccountWindows(use: Use): void {
  describe('ledger: accounts opened by their first use', () => ensureTests(use));
  describe('ledger: thresholds', () => thresholdTests(use));
}

function change(use: Use, ledger: LedgerChange[], project = 'p'): Promise<AppendOutcome> {
  return use().journal.append(unitFor(freshStream(), 0, { project, ledger }));
}

function ensure(account: string, ceilingMicroUsd: number | null, isShared = false): LedgerChange {
  return { op: 'ensure', account, ceilingMicroUsd, isShared };
}

function reserve(accounts: string[], amountMicroUsd: number, reservation: string = randomUUID()) {
  return { op: 'reserve', reservation, accounts, amountMicroUsd } as const;
}

function ensureTests(use: Use): void {
  it('opens an account with the reservation that needs it, and leaves one that is open as it is', async () => {
    const account = `cluster:p/${randomUUID()}@2026-11-21`;
    appended(await change(use, [ensure(account, 500), reserve([account], 300)]));
    appended(await change(use, [ensure(account, 9_000)]));
    expect(await use().other.account(account)).toMatchObject({
      ...{ project: 'p', ceilingMicroUsd: 500, spentMicroUsd: 0, reservedMicroUsd: 300 },
    });
    const refused = await change(use, [ensure(account, 9_000), reserve([account], 201)]);
    expect(refused).toMatchObject({ outcome: 'refused', refusal: { reason: 'over_ceiling', account } });
  });

  it('reads several by name at once, those that are open', async () => {
    const [one, two, none] = ['a', 'b', 'c'].map((name) => `mesh:${name}-${randomUUID()}`);
    if (!one || !two || !none) throw new Error('three names');
    appended(await change(use, [ensure(one, 10), ensure(two, null), reserve([one, two], 7)]));
    const { other } = use();
    const found = await other.accountsNamed([one, two, none]);
    expect(found).toEqual(
      new Map([
        [one, await other.account(one)],
        [two, await other.account(two)],
      ]),
    );
    expect(found.get(one)).toMatchObject({ ceilingMicroUsd: 10, reservedMicroUsd: 7 });
    expect(await other.accountsNamed([])).toEqual(new Map());
  });

  it('opens nothing when the reservation is refused', async () => {
    const [open, fresh] = [`mesh:${randomUUID()}`, `mesh:${randomUUID()}`];
    appended(await change(use, [ensure(open, 100)]));
    expect((await change(use, [ensure(fresh, null), reserve([fresh, open], 101)])).outcome).toBe('refused');
    expect(await use().journal.account(fresh)).toBeUndefined();
  });

  it('refuses an account of another project, and names the first account without room', async () => {
    const [wide, narrow, narrower] = ['a', 'b', 'c'].map((name) => `mesh:${name}-${randomUUID()}`);
    if (!wide || !narrow || !narrower) throw new Error('three names');
    appended(await change(use, [ensure(wide, null), ensure(narrow, 20), ensure(narrower, 10)]));
    expect(await change(use, [ensure(wide, null)], 'another')).toMatchObject({
      refusal: { reason: 'unknown_account', account: wide },
    });
    expect(await change(use, [reserve([wide, narrow, narrower], 30)])).toMatchObject({
      refusal: { account: narrow, ceilingMicroUsd: 20, wantedMicroUsd: 30 },
    });
  });

  it('lets every project reserve on a shared account, and only its owner change the ceiling', async () => {
    const { journal } = use();
    const account = `host:${randomUUID()}@2026-11-21`;
    const [one, two] = [`one-${randomUUID()}`, `two-${randomUUID()}`];
    for (const project of [one, two]) {
      appended(await change(use, [ensure(account, 1_000, true), reserve([account], 400)], project));
    }
    expect(await change(use, [reserve([account], 201)], one)).toMatchObject({
      refusal: { reason: 'over_ceiling', account, reservedMicroUsd: 800 },
    });
    const raise: LedgerChange = { op: 'open', account, ceilingMicroUsd: 5_000 };
    expect((await change(use, [raise], one)).outcome).toBe('refused');
    appended(await change(use, [raise], sharedProject));
    const reservation = randomUUID();
    appended(await change(use, [reserve([account], 201, reservation)], one));
    appended(await change(use, [{ op: 'settle', reservation, actualMicroUsd: 50 }], one));
    expect(await journal.account(account)).toMatchObject({ spentMicroUsd: 50, reservedMicroUsd: 800 });
    expect(await journal.accounts(one)).toEqual([]);
    expect((await journal.accounts(sharedProject)).map((row) => row.account)).toContain(account);
    expect((await change(use, [ensure(account, null)], one)).outcome).toBe('refused');
  });
}

function thresholdTests(use: Use): void {
  const told = async (stream: StreamId) =>
    (await use().other.inbox(stream)).map(({ kind, data }) => [kind, data.account, data.ceilingMicroUsd]);

  it('tells once that so much of a ceiling is spent or reserved, whoever reserves, and again for another ceiling', async () => {
    const { journal } = use();
    const [stream, account, free] = [freshStream(), `mesh:${randomUUID()}`, `item:${randomUUID()}`];
    const threshold = { stream, permille: 800 };
    const spend = async (amount: number) =>
      appended(await change(use, [{ ...reserve([account, free], amount), threshold }]));
    appended(await change(use, [ensure(account, 1_000), ensure(free, null)]));
    await spend(799);
    expect(await told(stream)).toEqual([]);
    await spend(1);
    await spend(1);
    expect(await told(stream)).toEqual([['budget_threshold_exceeded', account, 1_000]]);
    const [message] = await journal.inbox(stream);
    expect(message?.data).toEqual({
      ...{ account, ceilingMicroUsd: 1_000, spentMicroUsd: 0, reservedMicroUsd: 800, permille: 800 },
    });
    appended(await journal.append(unitFor(stream, 0, { consumes: [message?.id ?? ''] })));
    await spend(1);
    expect(await told(stream)).toEqual([]);
    appended(await change(use, [{ op: 'open', account, ceilingMicroUsd: 1_001 }]));
    await spend(1);
    expect(await told(stream)).toEqual([['budget_threshold_exceeded', account, 1_001]]);
  });

  it('tells nothing when the unit is refused, and tells of a bill above what was reserved', async () => {
    const [stream, account, reservation] = [freshStream(), `mesh:${randomUUID()}`, randomUUID()];
    const threshold = { stream, permille: 500 };
    appended(await change(use, [ensure(account, 1_000), reserve([account], 100, reservation)]));
    const refused = await change(use, [
      { ...reserve([account], 800), threshold },
      { ...reserve([account], 800), threshold },
    ]);
    expect(refused.outcome).toBe('refused');
    expect(await told(stream)).toEqual([]);
    appended(await change(use, [{ op: 'settle', reservation, actualMicroUsd: 600, threshold }]));
    expect(await told(stream)).toEqual([['budget_threshold_exceeded', account, 1_000]]);
  });
}
