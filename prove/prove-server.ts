/** The PostgreSQL of one suite: an embedded server in a home of its own (or DATABASE_URL), with a fresh database per run. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connectClient } from '../src/postgres/connect.ts';
import { openDatabase, waitForServerEnd } from '../src/postgres/open-database.ts';
import { preparePaths } from '../src/postgres/server-paths.ts';

export interface ProveDatabase {
  url: string;
  drop(): Promise<void>;
}

export interface ProveServer {
  version: string;
  isEmbedded: boolean;
  createDatabase(): Promise<ProveDatabase>;
  /** Of the embedded server; null while it is being started. Its supervisor starts it again when it is killed. */
  postmasterPid(): number | null;
  close(): Promise<void>;
}

const applicationName = 'meshwright prove';

export async function openProveServer(databaseUrl: string | undefined): Promise<ProveServer> {
  const home = mkdtempSync(path.join(tmpdir(), 'mesh-prove-db-'));
  const server = await openDatabase({ home, databaseUrl });
  const admin = async <T>(sql: string): Promise<T[]> => {
    const client = await connectClient(server.url, { applicationName });
    try {
      return (await client.query(sql)).rows as T[];
    } finally {
      await client.end();
    }
  };
  const [row] = await admin<{ server_version: string }>('show server_version');
  return {
    version: row?.server_version.split(' ')[0] ?? '?',
    isEmbedded: server.isEmbedded,
    async createDatabase() {
      const name = `meshwright_prove_${randomUUID().replaceAll('-', '')}`;
      await admin(`create database ${name}`);
      const url = new URL(server.url);
      url.pathname = `/${name}`;
      return {
        url: url.href,
        drop: async () => {
          await admin(`drop database if exists ${name} with (force)`);
        },
      };
    },
    postmasterPid() {
      const file = path.join(preparePaths(home).data, 'postmaster.pid');
      try {
        const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
        return pid > 1 ? pid : null;
      } catch {
        return null;
      }
    },
    async close() {
      await server.close();
      if (server.isEmbedded) await waitForServerEnd(home);
      rmSync(home, { recursive: true, force: true });
    },
  };
}
