/**
 * The token buckets of a project, shared by all worker processes: one statement a take, by the database's clock. Connects at the
 * first take, so a project without rates has no connection for it. The rule is that of src/ledger/rate-bucket.ts.
 */
import type { RateBuckets } from '../ledger/rate-bucket.ts';
import { createPool } from './connect.ts';
import { createPatientPool } from './queryable.ts';
import type { DatabaseServer } from './storage-fault.ts';

export interface RateStore {
  ofProject(project: string): RateBuckets;
  close(): Promise<void>;
}

const take = `
insert into meshwright.rate_bucket as b (project, bucket, full_at)
values ($1, $2, clock_timestamp() + $3 * interval '1 millisecond')
on conflict (project, bucket) do update
  set full_at = greatest(b.full_at, clock_timestamp()) + $3 * interval '1 millisecond'
returning extract(epoch from full_at - clock_timestamp()) * 1000 as ms`;

const minuteMs = 60_000;

export function openRateStore(server: DatabaseServer): RateStore {
  let hasClosed = false;
  const plainPool = createPool(server.url, { max: 2 });
  const pool = createPatientPool(server, plainPool, () => hasClosed);
  return {
    ofProject: (project) => ({
      async take(bucket, { perMinute, amount }) {
        const values = [project, bucket, (amount * minuteMs) / perMinute];
        const { rows } = await pool.query<{ ms: string }>(take, values);
        return Math.max(0, Number(rows[0]?.ms ?? 0) - minuteMs);
      },
    }),
    async close() {
      hasClosed = true;
      await plainPool.end();
    },
  };
}
