/** Where a query can run: one client, the pool, or the pool that outlives restarts of the server. */
import type { Pool, QueryConfig, QueryResult, QueryResultRow } from 'pg';
import { type DatabaseServer, patiently } from './storage-fault.ts';

export interface Queryable {
  query<R extends QueryResultRow>(query: string | QueryConfig, values?: unknown[]): Promise<QueryResult<R>>;
}

/**
 * Repeats a query whose connection was lost until the server is back, for 30 s. Only for what may run twice: reading,
 * and writes whose second run changes nothing.
 */
export function createPatientPool(server: DatabaseServer, pool: Pool, hasClosed: () => boolean): Queryable {
  return {
    query: (query, values) => patiently(server, () => pool.query(query, values), hasClosed),
  };
}
