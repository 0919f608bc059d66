/** What a schema's tables take on disk: heap, TOAST and indexes, as the server counts them. */
import { connectClient } from '../../src/postgres/connect.ts';

export interface StoredBytes {
  read(): Promise<number>;
  /** What the server does by itself every minute: rows that were replaced make room for new ones. Gives nothing back. */
  vacuum(): Promise<void>;
  close(): Promise<void>;
}

export async function openStoredBytes(url: string, schema: string): Promise<StoredBytes> {
  const client = await connectClient(url, { applicationName: 'meshwright prove' });
  return {
    async read() {
      const { rows } = await client.query<{ bytes: number }>(
        `select coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint as bytes
         from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname = $1 and c.relkind = 'r'`,
        [schema],
      );
      return rows[0]?.bytes ?? 0;
    },
    async vacuum() {
      await client.query('vacuum');
    },
    close: () => client.end(),
  };
}
