/**
 * Works the ledger out again from the events alone and compares it with the rows: every account, every reservation,
 * every micro-dollar. The rows are the authority while the mesh runs; this is how an edit of them is found.
 */
import { placeOf } from '../journal/audit-events.ts';
import { storedEventOf } from '../journal/audit-snapshots.ts';
import type { StreamId } from '../journal/event.ts';
import type { Audit, EventRow, ReportDamage } from '../journal/journal-record.ts';
import { applyLedgerChanges, emptyLedgerBook } from '../journal/ledger-book.ts';
import { type AccountRow, type LedgerChange, type ReservationRow, sharedProject } from '../journal/unit.ts';
import { isKnown } from '../journal/upcast.ts';
import type { AccountPlan } from '../ledger/account-names.ts';
import { ceilingsOf, ledgerKinds, readLedgerEvent } from '../ledger/ledger-event.ts';
import { knownWorkEvent } from './known-event.ts';
import { ledgerChangesOf } from './ledger-changes.ts';

/** Not whole: of one project; accounts that all projects share are then left out. */
export function auditLedger(report: ReportDamage, { isWhole }: { isWhole: boolean }): Audit {
  const derived = emptyLedgerBook();
  const accounts = new Map<string, AccountRow>();
  const reservations = new Map<string, ReservationRow>();
  const itemAccounts = new Map<string, string>();
  const assigned = new Map<string, readonly AccountPlan[]>();
  /** Accounts whose ceiling no event says. */
  const openCeilings = new Set<string>();
  const takeEvent = (row: EventRow): void => {
    const stored = storedEventOf(row);
    if (row.stream.startsWith('ledger:') && isKnown(ledgerKinds, stored)) {
      const opened = ceilingsOf(readLedgerEvent(stored)).map((each) => ({ op: 'open' as const, ...each }));
      applyAll(row, opened);
      return;
    }
    const event = knownWorkEvent(stored);
    if (!event) return;
    if (event.kind === 'accounts.assigned') assigned.set(row.stream, event.data.accounts);
    if (event.kind === 'agent.seated') itemAccounts.set(row.stream, event.data.itemAccount);
    if (event.kind === 'agent.finished') itemAccounts.delete(row.stream);
    const stream = row.stream as StreamId;
    const changes = ledgerChangesOf(event, {
      stream,
      itemAccount: itemAccounts.get(row.stream) ?? null,
      assigned: assigned.get(row.stream) ?? [],
      reservedBy: (call) => derived.reservations.get(call)?.amountMicroUsd,
    });
    for (const change of changes) {
      if (change.op !== 'open') continue;
      if (change.ceilingMicroUsd === null && event.kind === 'item.started') openCeilings.add(change.account);
      else openCeilings.delete(change.account);
    }
    applyAll(row, changes);
  };
  const applyAll = (row: EventRow, changes: readonly LedgerChange[]): void => {
    const context = { project: row.project, stream: row.stream as StreamId, fence: null };
    const { refusal } = applyLedgerChanges(derived, changes, context);
    if (refusal)
      report(placeOf(row), `could not have been written: ${refusal.account} refuses it (${refusal.reason})`);
  };
  return {
    take(record) {
      if (record.table === 'account') accounts.set(record.row.account, record.row);
      if (record.table === 'reservation') reservations.set(record.row.reservation, record.row);
      if (record.table !== 'event') return;
      try {
        takeEvent(record.row);
      } catch (error) {
        report(placeOf(record.row), `what it says of money cannot be read: ${String(error)}`);
      }
    },
    finish() {
      for (const [id, row] of accounts) {
        const expected = derived.accounts.get(id);
        compareRows(
          `account ${id}`,
          withoutCeiling(row, openCeilings),
          expected && withoutCeiling(expected, openCeilings),
          report,
        );
      }
      const expected = [...derived.accounts.values()].filter(
        ({ project }) => isWhole || project !== sharedProject,
      );
      const names = expected.map(({ account }) => account);
      reportMissing('account', names, accounts, report);
      for (const [id, { fence: _, ...row }] of reservations) {
        const expected = derived.reservations.get(id);
        const { fence: __, ...rest } = expected ?? { fence: null };
        compareRows(`reservation ${id}`, row, expected && rest, report);
      }
      reportMissing('reservation', derived.reservations.keys(), reservations, report);
    },
  };
}

function withoutCeiling(row: AccountRow, open: ReadonlySet<string>): Partial<AccountRow> {
  if (!open.has(row.account)) return row;
  const { ceilingMicroUsd: _, ...rest } = row;
  return rest;
}

function reportMissing(
  what: string,
  expected: Iterable<string>,
  found: ReadonlyMap<string, unknown>,
  report: ReportDamage,
): void {
  for (const id of expected)
    if (!found.has(id)) report(`${what} ${id}`, 'is missing; events say that it was made');
}

function compareRows(place: string, row: object, expected: object | undefined, report: ReportDamage): void {
  if (!expected) {
    report(place, 'no event says that it was made');
    return;
  }
  const wanted = new Map<string, unknown>(Object.entries(expected));
  for (const [name, value] of Object.entries(row)) {
    const should = wanted.get(name);
    if (JSON.stringify(value) === JSON.stringify(should)) continue;
    report(place, `its ${name} is ${JSON.stringify(value)}; the events say ${JSON.stringify(should)}`);
  }
}
