/** Reading events back: of one stream, of one unit, of the whole journal. */
import type { StoredEvent, StreamId } from '../journal/event.ts';
import type { Queryable } from './queryable.ts';

const EVENT = `stream, version, position, meshwright.iso(at) as at, kind, schema, actor, unit::text as unit, data,
  encode(hash, 'hex') as hash`;

export async function readStream(
  db: Queryable,
  stream: StreamId,
  { after = 0, limit }: { after?: number; limit?: number } = {},
): Promise<StoredEvent[]> {
  const { rows } = await db.query<StoredEvent>(
    `select ${EVENT} from meshwright.event e where e.stream = $1 and e.version > $2 order by e.version limit $3`,
    [stream, after, limit ?? null],
  );
  return rows;
}

/** The events stored under a unit id, in order; none when it was never committed. */
export async function readUnit(db: Queryable, unit: string): Promise<StoredEvent[]> {
  const { rows } = await db.query<StoredEvent>(
    `select ${EVENT} from meshwright.event e where e.unit = $1 order by e.position`,
    [unit],
  );
  return rows;
}

export async function readAll(
  db: Queryable,
  options: { after: number; limit: number; project?: string; upTo?: number },
): Promise<StoredEvent[]> {
  const { rows } = await db.query<StoredEvent>(
    `select ${EVENT} from meshwright.event e
     where e.position > $1 and ($3::text is null or e.project = $3) and ($4::bigint is null or e.position <= $4)
     order by e.position limit $2`,
    [options.after, options.limit, options.project ?? null, options.upTo ?? null],
  );
  return rows;
}

export async function readHead(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ position: number }>('select position from meshwright.journal_head');
  return rows[0]?.position ?? 0;
}
