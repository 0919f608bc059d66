/** Inboxes: posting from outside a unit, and reading what waits. Consuming belongs to append. */
import type { Pool } from 'pg';
import { canonicalJson } from '../base/json.ts';
import type { StreamId } from '../journal/event.ts';
import type { InboxMessage, InboxPost } from '../journal/unit.ts';

export async function postMessage(
  pool: Pool,
  project: string,
  post: InboxPost,
): Promise<'posted' | 'duplicate'> {
  const { rows } = await pool.query<{ posted: boolean }>(
    'select meshwright.post($1, $2, $3, $4, $5, $6) as posted',
    [project, post.stream, post.id, post.kind, post.actor, canonicalJson(post.data)],
  );
  return rows[0]?.posted ? 'posted' : 'duplicate';
}

export async function readInbox(pool: Pool, claimUnit: StreamId): Promise<InboxMessage[]> {
  const { rows } = await pool.query<InboxMessage>({
    name: 'inbox',
    text: `select stream, id, kind, actor, data, meshwright.iso(at) as at
           from meshwright.waiting_message where claim_unit = $1 order by seq`,
    values: [claimUnit],
  });
  return rows;
}
