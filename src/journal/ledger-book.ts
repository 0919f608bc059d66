/**
 * What ledger changes do to account and reservation rows: the rules both adapters follow. Pure but for the book
 * that it is handed; knows nothing of prices, events or storage.
 *
 * A reservation: absent → held → settled, or held → released → settled (a bill that came late still counts).
 * Settled is final. An id is reserved once: again while held changes nothing, later it is refused.
 */
import type { StreamId } from './event.ts';
import {
  type AccountRow,
  type InboxPost,
  type LedgerChange,
  type LedgerRefusal,
  type ReservationRow,
  sharedProject,
  type ThresholdNotice,
} from './unit.ts';

export interface LedgerBook {
  accounts: Map<string, AccountRow>;
  reservations: Map<string, ReservationRow>;
}

export interface LedgerContext {
  project: string;
  stream: StreamId;
  fence: number | null;
}

export function emptyLedgerBook(): LedgerBook {
  return { accounts: new Map(), reservations: new Map() };
}

/** `posts`: what thresholds have to tell; the inbox ignores those that it had before. */
export type LedgerOutcome = { refusal: LedgerRefusal } | { refusal: null; posts: InboxPost[] };

/** Applies all changes in order, or none: on a refusal the book is as it was. Rows are replaced, never mutated. */
export function applyLedgerChanges(
  book: LedgerBook,
  changes: readonly LedgerChange[],
  context: LedgerContext,
): LedgerOutcome {
  const draft: LedgerBook = { accounts: new Map(), reservations: new Map() };
  const view = new Draft(book, draft, context.project);
  const posts: InboxPost[] = [];
  for (const change of changes) {
    const before = 'reservation' in change ? view.reservation(change.reservation) : undefined;
    const refusal = applyChange(view, change, context);
    if (refusal) return { refusal };
    const after = 'reservation' in change ? view.reservation(change.reservation) : undefined;
    if (after && after !== before && 'threshold' in change && change.threshold) {
      posts.push(...thresholdPosts(view, after.accounts, change.threshold, context));
    }
  }
  for (const [id, row] of draft.accounts) book.accounts.set(id, row);
  for (const [id, row] of draft.reservations) book.reservations.set(id, row);
  return { refusal: null, posts };
}

function thresholdPosts(
  view: Draft,
  accounts: readonly string[],
  { stream, permille }: ThresholdNotice,
  context: LedgerContext,
): InboxPost[] {
  return accounts.flatMap((account) => {
    const { ceilingMicroUsd = null, spentMicroUsd = 0, reservedMicroUsd = 0 } = view.account(account) ?? {};
    if (ceilingMicroUsd === null) return [];
    if ((spentMicroUsd + reservedMicroUsd) * 1_000 < ceilingMicroUsd * permille) return [];
    const kind = 'budget_threshold_exceeded';
    const id = `${kind}/${account}/${ceilingMicroUsd}`;
    const data = { account, ceilingMicroUsd, spentMicroUsd, reservedMicroUsd, permille };
    return [{ stream, id, kind, actor: context.stream, data }];
  });
}

/** The book as it would be, with rows of other projects out of sight, but for the accounts that all share. */
class Draft {
  readonly #book: LedgerBook;
  readonly #draft: LedgerBook;
  readonly #project: string;

  constructor(book: LedgerBook, draft: LedgerBook, project: string) {
    this.#book = book;
    this.#draft = draft;
    this.#project = project;
  }

  account(id: string): AccountRow | undefined {
    const row = this.#draft.accounts.get(id) ?? this.#book.accounts.get(id);
    return row?.project === this.#project || row?.project === sharedProject ? row : undefined;
  }

  reservation(id: string): ReservationRow | undefined {
    const row = this.#draft.reservations.get(id) ?? this.#book.reservations.get(id);
    return row?.project === this.#project ? row : undefined;
  }

  isTaken(kind: 'accounts' | 'reservations', id: string): boolean {
    const row = this.#book[kind].get(id);
    return row !== undefined && row.project !== this.#project;
  }

  putAccount(row: AccountRow): void {
    this.#draft.accounts.set(row.account, row);
  }

  putReservation(row: ReservationRow): void {
    this.#draft.reservations.set(row.reservation, row);
  }
}

function applyChange(view: Draft, change: LedgerChange, context: LedgerContext): LedgerRefusal | null {
  switch (change.op) {
    case 'open':
      return openAccount(view, change, context);
    case 'ensure':
      return ensureAccount(view, change, context);
    case 'reserve':
      return reserve(view, change, context);
    case 'settle':
      return settle(view, change);
    case 'release':
      return release(view, change);
  }
}

type Change<Op extends LedgerChange['op']> = Extract<LedgerChange, { op: Op }>;

/** Only the owner's units may change a ceiling, so for a shared account those of the shared project. */
function openAccount(view: Draft, change: Change<'open'>, context: LedgerContext): LedgerRefusal | null {
  if (view.isTaken('accounts', change.account)) return refusal('unknown_account', change.account, 0);
  const row = view.account(change.account);
  view.putAccount({
    account: change.account,
    project: context.project,
    ceilingMicroUsd: change.ceilingMicroUsd,
    spentMicroUsd: row?.spentMicroUsd ?? 0,
    reservedMicroUsd: row?.reservedMicroUsd ?? 0,
  });
  return null;
}

function ensureAccount(view: Draft, change: Change<'ensure'>, context: LedgerContext): LedgerRefusal | null {
  const { account, ceilingMicroUsd, isShared } = change;
  const project = isShared ? sharedProject : context.project;
  const row = view.account(account);
  if (row?.project === project) return null;
  if (row || view.isTaken('accounts', account)) return refusal('unknown_account', account, 0);
  view.putAccount({ account, project, ceilingMicroUsd, spentMicroUsd: 0, reservedMicroUsd: 0 });
  return null;
}

function reserve(view: Draft, change: Change<'reserve'>, context: LedgerContext): LedgerRefusal | null {
  const known = view.reservation(change.reservation);
  if (known?.state === 'held') return null;
  if (known || view.isTaken('reservations', change.reservation)) {
    return refusal('unknown_reservation', change.reservation, change.amountMicroUsd);
  }
  const accounts = [...new Set(change.accounts)];
  const amount = change.amountMicroUsd;
  for (const account of accounts) {
    const row = view.account(account);
    if (!row) return refusal('unknown_account', account, amount);
    const after = row.spentMicroUsd + row.reservedMicroUsd + amount;
    if (row.ceilingMicroUsd !== null && after > row.ceilingMicroUsd) {
      return refusal('over_ceiling', account, amount, row);
    }
  }
  for (const account of accounts) {
    const row = view.account(account);
    if (row) view.putAccount({ ...row, reservedMicroUsd: row.reservedMicroUsd + amount });
  }
  view.putReservation({
    reservation: change.reservation,
    project: context.project,
    accounts,
    amountMicroUsd: amount,
    state: 'held',
    settledMicroUsd: null,
    stream: context.stream,
    fence: context.fence,
  });
  return null;
}

function settle(view: Draft, change: Change<'settle'>): LedgerRefusal | null {
  const row = view.reservation(change.reservation);
  if (!row) return refusal('unknown_reservation', change.reservation, change.actualMicroUsd);
  if (row.state === 'settled') return null;
  const freed = row.state === 'held' ? row.amountMicroUsd : 0;
  moveAccounts(view, row.accounts, -freed, change.actualMicroUsd);
  view.putReservation({ ...row, state: 'settled', settledMicroUsd: change.actualMicroUsd });
  return null;
}

function release(view: Draft, change: Change<'release'>): LedgerRefusal | null {
  const row = view.reservation(change.reservation);
  if (!row) return refusal('unknown_reservation', change.reservation, 0);
  if (row.state !== 'held') return null;
  moveAccounts(view, row.accounts, -row.amountMicroUsd, 0);
  view.putReservation({ ...row, state: 'released' });
  return null;
}

function moveAccounts(view: Draft, accounts: string[], reservedBy: number, spentBy: number): void {
  for (const account of accounts) {
    const row = view.account(account);
    if (!row) continue;
    view.putAccount({
      ...row,
      reservedMicroUsd: row.reservedMicroUsd + reservedBy,
      spentMicroUsd: row.spentMicroUsd + spentBy,
    });
  }
}

function refusal(
  reason: LedgerRefusal['reason'],
  account: string,
  wantedMicroUsd: number,
  row?: AccountRow,
): LedgerRefusal {
  return {
    reason,
    account,
    ceilingMicroUsd: row?.ceilingMicroUsd ?? null,
    spentMicroUsd: row?.spentMicroUsd ?? 0,
    reservedMicroUsd: row?.reservedMicroUsd ?? 0,
    wantedMicroUsd,
  };
}
