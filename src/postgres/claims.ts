/** Claim units: taking and giving back. All times are the database's; renewing is the heartbeat's. */
import { randomUUID } from 'node:crypto';
import type { StreamId } from '../journal/event.ts';
import type { Claim, ClaimHolder, ClaimRequest } from '../journal/journal.ts';
import type { Queryable } from './queryable.ts';
import type { Session } from './session.ts';

/**
 * `unit` null: any that is due. Safe against lost answers: a repeat looks for what its own request took before it
 * takes anything, and the session ends what might still run of the first attempt.
 */
export async function claimUnit(
  session: Session,
  unit: StreamId | null,
  request: ClaimRequest,
): Promise<Claim | undefined> {
  const {
    project = null,
    owner,
    host,
    leaseMs,
    voidOwners = [],
    kinds = null,
    hostBoundKinds = [],
  } = request;
  const id = randomUUID();
  const { rows } = await session.run((client, lost) =>
    client.query<{ unit: StreamId; project: string; fence: number }>({
      name: 'claim',
      text: 'select * from meshwright.claim($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)',
      values: [
        unit,
        project,
        owner,
        host,
        leaseMs,
        voidOwners,
        kinds,
        hostBoundKinds,
        id,
        lost !== undefined,
      ],
    }),
  );
  const row = rows[0];
  return row && { unit: row.unit, project: row.project, owner, fence: row.fence };
}

/** May run twice: once given back, the unit has another owner or none. */
export async function releaseClaim(db: Queryable, claim: Claim, wakeAt: string | null): Promise<void> {
  await db.query(
    `update meshwright.claim_unit set owner = null, lease_until = null, wake_at = $4
     where id = $1 and owner = $2 and fence = $3`,
    [claim.unit, claim.owner, claim.fence, wakeAt],
  );
}

export async function listClaimHolders(db: Queryable, project: string): Promise<ClaimHolder[]> {
  const { rows } = await db.query<ClaimHolder>(
    `select id as unit, owner, host, fence, meshwright.iso(lease_until) as "leaseUntil"
     from meshwright.claim_unit where project = $1 and owner is not null order by id`,
    [project],
  );
  return rows;
}
