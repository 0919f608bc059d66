/** Reading account and reservation rows. They change only in append. */
import type { AccountRow, ReservationRow } from '../journal/unit.ts';
import type { Queryable } from './queryable.ts';

const ACCOUNT = `select id as account, project, ceiling_micro_usd as "ceilingMicroUsd",
    spent_micro_usd as "spentMicroUsd", reserved_micro_usd as "reservedMicroUsd" from meshwright.account`;

export async function readAccount(db: Queryable, account: string): Promise<AccountRow | undefined> {
  const { rows } = await db.query<AccountRow>(`${ACCOUNT} where id = $1`, [account]);
  return rows[0];
}

export async function readAccounts(
  db: Queryable,
  accounts: readonly string[],
): Promise<Map<string, AccountRow>> {
  const { rows } = await db.query<AccountRow>(`${ACCOUNT} where id = any($1)`, [accounts]);
  return new Map(rows.map((row) => [row.account, row]));
}

export async function listAccounts(db: Queryable, project: string): Promise<AccountRow[]> {
  const { rows } = await db.query<AccountRow>(`${ACCOUNT} where project = $1 order by id`, [project]);
  return rows;
}

export async function listReservations(
  db: Queryable,
  project: string,
  { state }: { state?: ReservationRow['state'] } = {},
): Promise<ReservationRow[]> {
  const { rows } = await db.query<ReservationRow>(
    `select id as reservation, project, accounts, amount_micro_usd as "amountMicroUsd", state,
       settled_micro_usd as "settledMicroUsd", stream, fence
     from meshwright.reservation where project = $1 and ($2::text is null or state = $2) order by id`,
    [project, state ?? null],
  );
  return rows;
}
