/** Heads of streams and the list of projects. */
import type { StreamId } from '../journal/event.ts';
import type { StreamHead } from '../journal/journal.ts';
import type { Queryable } from './queryable.ts';

const HEAD = `select s.id as stream, s.project, s.version, c.fence, c.host, s.claim_unit as "claimUnit",
    case when c.lease_until >= clock_timestamp() then c.owner end as owner,
    meshwright.iso(c.wake_at) as "wakeAt"
  from meshwright.stream s join meshwright.claim_unit c on c.id = s.claim_unit`;

export async function listStreams(
  db: Queryable,
  project: string,
  { prefix = '', claimUnit }: { prefix?: string; claimUnit?: StreamId } = {},
): Promise<StreamHead[]> {
  const { rows } = await db.query<StreamHead>(
    `${HEAD} where s.project = $1 and starts_with(s.id, $2) and ($3::text is null or s.claim_unit = $3) order by s.id`,
    [project, prefix, claimUnit ?? null],
  );
  return rows;
}

export async function readStreamHead(db: Queryable, stream: StreamId): Promise<StreamHead | undefined> {
  const { rows } = await db.query<StreamHead>(`${HEAD} where s.id = $1`, [stream]);
  return rows[0];
}

export async function listProjects(db: Queryable): Promise<string[]> {
  const { rows } = await db.query<{ project: string }>(
    'select distinct project from meshwright.claim_unit order by project',
  );
  return rows.map((row) => row.project);
}
