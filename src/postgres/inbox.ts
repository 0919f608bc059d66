/** Inboxes: posting from outside a unit, and reading what waits. Consuming belongs to append. */
import { randomUUID } from 'node:crypto';
import { canonicalJson } from '../base/json.ts';
import type { StreamId } from '../journal/event.ts';
import type { InboxMessage, InboxPost } from '../journal/unit.ts';
import type { Queryable } from './queryable.ts';

/** The request's own id tells a repeat after a lost answer (still `posted`) from a second post (`duplicate`). */
export async function postMessage(
  db: Queryable,
  project: string,
  post: InboxPost,
): Promise<'posted' | 'duplicate'> {
  const { rows } = await db.query<{ posted: boolean }>(
    'select meshwright.post($1, $2, $3, $4, $5, $6, $7) as posted',
    [project, post.stream, post.id, post.kind, post.actor, canonicalJson(post.data), randomUUID()],
  );
  return rows[0]?.posted ? 'posted' : 'duplicate';
}

export async function readInbox(db: Queryable, claimUnit: StreamId): Promise<InboxMessage[]> {
  const { rows } = await db.query<InboxMessage>({
    name: 'inbox',
    text: `select stream, id, kind, actor, data, meshwright.iso(at) as at
           from meshwright.waiting_message where claim_unit = $1 order by seq`,
    values: [claimUnit],
  });
  return rows;
}
