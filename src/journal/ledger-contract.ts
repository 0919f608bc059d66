/** Contract: ledger changes commit with their unit, and no ceiling is ever passed. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { contractOfAccountWindows } from './account-contract.ts';
import { appended, freshStream, type JournalUnderTest, unitFor } from './contract-harness.ts';
import type { AppendOutcome, LedgerChange } from './unit.ts';

export function contractOfLedger(use: () => JournalUnderTest): void {
  describe('ledger: reserve', () => reserveTests(ledgerTools(use)));
  describe('ledger: settle and release', () => settleTests(ledgerTools(use)));
  contractOfAccountWindows(use);
}

type Tools = ReturnType<typeof ledgerTools>;

function ledgerTools(use: () => JournalUnderTest) {
  const change = (ledger: LedgerChange[], project = 'p'): Promise<AppendOutcome> =>
    use().journal.append(unitFor(freshStream(), 0, { project, ledger }));
  const openAccount = async (ceilingMicroUsd: number | null): Promise<string> => {
    const account = `item:${randomUUID()}`;
    appended(await change([{ op: 'open', account, ceilingMicroUsd }]));
    return account;
  };
  const hold = async (accounts: string[], amountMicroUsd: number): Promise<string> => {
    const reservation = `r-${randomUUID()}`;
    appended(await change([{ op: 'reserve', reservation, accounts, amountMicroUsd }]));
    return reservation;
  };
  /** Spent and reserved. */
  const figures = async (account: string): Promise<[number, number] | undefined> => {
    const row = await use().other.account(account);
    return row && [row.spentMicroUsd, row.reservedMicroUsd];
  };
  return { use, change, openAccount, hold, figures };
}

function reserveTests({ use, change, openAccount, hold, figures }: Tools): void {
  it('refuses what would pass a ceiling: no event, no message, no row of any account changes', async () => {
    const { journal } = use();
    const [wide, narrow] = [await openAccount(10_000), await openAccount(1_000)];
    await hold([narrow], 700);
    const [stream, target] = [freshStream(), freshStream()];
    const refused = await journal.append(
      unitFor(stream, 0, {
        posts: [{ stream: target, id: 'm', kind: 'k', actor: 'a', data: {} }],
        ledger: [
          { op: 'open', account: `new-${stream}`, ceilingMicroUsd: 5 },
          { op: 'reserve', reservation: `r-${stream}`, accounts: [wide, narrow], amountMicroUsd: 301 },
        ],
      }),
    );
    expect(refused).toEqual({
      outcome: 'refused',
      refusal: {
        ...{ reason: 'over_ceiling', account: narrow, ceilingMicroUsd: 1_000 },
        ...{ spentMicroUsd: 0, reservedMicroUsd: 700, wantedMicroUsd: 301 },
      },
    });
    expect(await journal.read(stream)).toEqual([]);
    expect(await journal.inbox(target)).toEqual([]);
    expect(await figures(wide)).toEqual([0, 0]);
    expect(await figures(narrow)).toEqual([0, 700]);
    expect(await journal.account(`new-${stream}`)).toBeUndefined();
    await hold([wide, narrow], 300);
  });

  it('refuses accounts that were never opened or belong to another project, and unknown reservations', async () => {
    const account = await openAccount(1_000);
    const reserve = (accounts: string[]): LedgerChange[] => [
      { op: 'reserve', reservation: randomUUID(), accounts, amountMicroUsd: 1 },
    ];
    const reasonFor = async (ledger: LedgerChange[], project?: string): Promise<unknown> => {
      const outcome = await change(ledger, project);
      return outcome.outcome === 'refused' && outcome.refusal.reason;
    };
    expect(await reasonFor(reserve([account, 'nobody']))).toBe('unknown_account');
    expect(await reasonFor(reserve([account]), 'another')).toBe('unknown_account');
    expect(await reasonFor([{ op: 'open', account, ceilingMicroUsd: null }], 'another')).toBe(
      'unknown_account',
    );
    expect(await reasonFor([{ op: 'settle', reservation: 'none', actualMicroUsd: 1 }])).toBe(
      'unknown_reservation',
    );
    expect(await reasonFor([{ op: 'release', reservation: 'none' }])).toBe('unknown_reservation');
    const reservation = await hold([account], 10);
    expect(await reasonFor([{ op: 'release', reservation }], 'another')).toBe('unknown_reservation');
    expect(await figures(account)).toEqual([0, 10]);
  });

  it('reserves an id once: again while held changes nothing, afterwards it is refused', async () => {
    const account = await openAccount(1_000);
    const reservation = await hold([account, account], 100);
    const again: LedgerChange[] = [{ op: 'reserve', reservation, accounts: [account], amountMicroUsd: 100 }];
    appended(await change(again));
    expect(await figures(account)).toEqual([0, 100]);
    appended(await change([{ op: 'settle', reservation, actualMicroUsd: 100 }]));
    expect((await change(again)).outcome).toBe('refused');
    expect(await figures(account)).toEqual([100, 0]);
  });

  it('changes nothing when the unit conflicts or was appended before', async () => {
    const { journal } = use();
    const account = await openAccount(1_000);
    const ledger: LedgerChange[] = [
      { op: 'reserve', reservation: randomUUID(), accounts: [account], amountMicroUsd: 100 },
    ];
    expect((await journal.append(unitFor(freshStream(), 5, { ledger }))).outcome).toBe('conflict');
    expect(await figures(account)).toEqual([0, 0]);
    const unit = unitFor(freshStream(), 0, { ledger });
    appended(await journal.append(unit));
    appended(await journal.append(unit));
    expect(await figures(account)).toEqual([0, 100]);
  });

  it('never passes a ceiling when many writers of two processes reserve at once', async () => {
    const { journal, other } = use();
    const shared = await openAccount(1_000);
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, (_, index) => {
        const amountMicroUsd = 30 + (index % 3) * 10;
        const ledger: LedgerChange[] = [
          { op: 'reserve', reservation: randomUUID(), accounts: [shared], amountMicroUsd },
        ];
        return (index % 2 ? journal : other).append(unitFor(freshStream(), 0, { ledger }));
      }),
    );
    const held = (await journal.reservations('p', { state: 'held' })).filter((one) =>
      one.accounts.includes(shared),
    );
    const reserved = held.reduce((sum, one) => sum + one.amountMicroUsd, 0);
    expect((await journal.account(shared))?.reservedMicroUsd).toBe(reserved);
    expect(reserved).toBeLessThanOrEqual(1_000);
    expect(reserved).toBeGreaterThan(950);
    expect(outcomes.filter((o) => o.outcome === 'appended')).toHaveLength(held.length);
    expect(outcomes.some((o) => o.outcome === 'refused')).toBe(true);
  });

  it('lists accounts of one project, ordered by id', async () => {
    const { journal } = use();
    const project = `l${randomUUID()}`;
    for (const account of [`b-${project}`, `a-${project}`]) {
      appended(await change([{ op: 'open', account, ceilingMicroUsd: 7 }], project));
    }
    expect(await journal.accounts(project)).toEqual(
      ['a', 'b'].map((name) => ({
        ...{
          account: `${name}-${project}`,
          project,
          ceilingMicroUsd: 7,
          spentMicroUsd: 0,
          reservedMicroUsd: 0,
        },
      })),
    );
  });
}

function settleTests({ use, change, openAccount, hold, figures }: Tools): void {
  it('holds on all accounts, then counts what it really was', async () => {
    const { journal } = use();
    const [item, mesh] = [await openAccount(1_000), await openAccount(null)];
    const [stream, reservation] = [freshStream(), `r-${randomUUID()}`];
    const ledger: LedgerChange[] = [
      { op: 'reserve', reservation, accounts: [mesh, item], amountMicroUsd: 400 },
    ];
    appended(await journal.append(unitFor(stream, 0, { ledger })));
    for (const account of [item, mesh]) expect(await figures(account)).toEqual([0, 400]);
    const row = (await journal.reservations('p')).find((one) => one.reservation === reservation);
    expect(row).toEqual({
      ...{ reservation, project: 'p', accounts: [mesh, item], amountMicroUsd: 400 },
      ...{ state: 'held', settledMicroUsd: null, stream, fence: null },
    });
    appended(await change([{ op: 'settle', reservation, actualMicroUsd: 150 }]));
    for (const account of [item, mesh]) expect(await figures(account)).toEqual([150, 0]);
    const settled = await journal.reservations('p', { state: 'settled' });
    expect(settled.find((one) => one.reservation === reservation)?.settledMicroUsd).toBe(150);
  });

  it('happens once, however often it is told; a release never undoes a settle', async () => {
    const account = await openAccount(1_000);
    const [settled, released] = [await hold([account], 100), await hold([account], 200)];
    for (const actualMicroUsd of [70, 90]) {
      appended(await change([{ op: 'settle', reservation: settled, actualMicroUsd }]));
      appended(await change([{ op: 'release', reservation: released }]));
    }
    expect(await figures(account)).toEqual([70, 0]);
    appended(await change([{ op: 'release', reservation: settled }]));
    expect(await figures(account)).toEqual([70, 0]);
  });

  it('counts a bill that comes after the release', async () => {
    const account = await openAccount(1_000);
    const reservation = await hold([account], 200);
    appended(await change([{ op: 'release', reservation }]));
    appended(await change([{ op: 'settle', reservation, actualMicroUsd: 30 }]));
    appended(await change([{ op: 'release', reservation }]));
    expect(await figures(account)).toEqual([30, 0]);
  });

  it('applies the changes of one unit in order, and a raised ceiling at once', async () => {
    const account = await openAccount(100);
    const reservation = randomUUID();
    const outcome = await change([
      { op: 'open', account, ceilingMicroUsd: 500 },
      { op: 'reserve', reservation, accounts: [account], amountMicroUsd: 500 },
      { op: 'settle', reservation, actualMicroUsd: 450 },
      { op: 'reserve', reservation: randomUUID(), accounts: [account], amountMicroUsd: 50 },
    ]);
    appended(outcome);
    expect(await figures(account)).toEqual([450, 50]);
    expect((await use().journal.account(account))?.ceilingMicroUsd).toBe(500);
  });
}
