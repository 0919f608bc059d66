/** Claim units: taking, renewing and giving back. All times are the database's. */
import type { Pool } from 'pg';
import type { StreamId } from '../journal/event.ts';
import type { Claim, ClaimHolder, ClaimRequest } from '../journal/journal.ts';

/** `unit` null: any that is due. */
export async function claimUnit(
  pool: Pool,
  unit: StreamId | null,
  request: ClaimRequest,
): Promise<Claim | undefined> {
  const { rows } = await pool.query<{ unit: StreamId; project: string; fence: number }>({
    name: 'claim',
    text: 'select * from meshwright.claim($1, $2, $3, $4, $5)',
    values: [unit, request.project ?? null, request.owner, request.host, request.leaseMs],
  });
  const row = rows[0];
  return row && { unit: row.unit, project: row.project, owner: request.owner, fence: row.fence };
}

export async function renewClaim(pool: Pool, claim: Claim, leaseMs: number): Promise<boolean> {
  const { rowCount } = await pool.query(
    `update meshwright.claim_unit set lease_until = clock_timestamp() + make_interval(secs => $4 / 1000.0)
     where id = $1 and owner = $2 and fence = $3`,
    [claim.unit, claim.owner, claim.fence, leaseMs],
  );
  return rowCount === 1;
}

export async function releaseClaim(pool: Pool, claim: Claim, wakeAt: string | null): Promise<void> {
  await pool.query(
    `update meshwright.claim_unit set owner = null, lease_until = null, wake_at = $4
     where id = $1 and owner = $2 and fence = $3`,
    [claim.unit, claim.owner, claim.fence, wakeAt],
  );
}

export async function listClaimHolders(pool: Pool, project: string): Promise<ClaimHolder[]> {
  const { rows } = await pool.query<ClaimHolder>(
    `select id as unit, owner, host, fence,
       to_char(lease_until at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "leaseUntil"
     from meshwright.claim_unit where project = $1 and owner is not null order by id collate "C"`,
    [project],
  );
  return rows;
}
