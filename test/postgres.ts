/**
 * Fresh databases for tests: real PostgreSQL, one server per run (embedded, or DATABASE_URL), each database a clone
 * of a migrated template.
 */
import { randomUUID } from 'node:crypto';
import { inject } from 'vitest';
import { connectClient } from '../src/postgres/connect.ts';
import { migrate } from '../src/postgres/migrate.ts';
import { openDatabase } from '../src/postgres/open-database.ts';

export interface TestDatabase {
  /** For openPostgresJournal. */
  url: string;
  /** Drops it, whoever is still connected, and leaves the server. */
  close(): Promise<void>;
}

/** Any constant: keeps two test files from making the template at once. */
const TEMPLATE_LOCK = 4_711_001;

/** Call it in beforeAll or in a test, and close() in afterAll or finally. */
export async function openTestDatabase(): Promise<TestDatabase> {
  const { home, template } = inject('testServer');
  const server = await openDatabase({ home, databaseUrl: process.env.DATABASE_URL });
  const name = `meshwright_test_${randomUUID().replaceAll('-', '')}`;
  try {
    await withAdmin(server.url, async (query) => {
      await query(`select pg_advisory_lock(${TEMPLATE_LOCK})`);
      const found = await query(`select from pg_database where datname = '${template}'`);
      if (found === 0) await makeTemplate(server.url, template, query);
      await query(`create database ${name} template ${template}`);
    });
  } catch (error) {
    await server.close();
    throw error;
  }
  return {
    url: urlOf(server.url, name),
    async close() {
      await withAdmin(server.url, (query) => query(`drop database if exists ${name} with (force)`));
      await server.close();
    },
  };
}

/** Under another name until it is whole, so that a killed run leaves no half-made template. */
async function makeTemplate(url: string, template: string, query: Query): Promise<void> {
  const making = `${template}_making`;
  await query(`drop database if exists ${making}`);
  await query(`create database ${making}`);
  const client = await connectClient(urlOf(url, making), { applicationName: 'meshwright test' });
  try {
    await migrate(client);
  } finally {
    await client.end();
  }
  await query(`alter database ${making} rename to ${template}`);
}

export async function dropTemplate(url: string, template: string): Promise<void> {
  await withAdmin(url, (query) => query(`drop database if exists ${template}`));
}

type Query = (sql: string) => Promise<number | null>;

async function withAdmin<T>(url: string, use: (query: Query) => Promise<T>): Promise<T> {
  const client = await connectClient(url, { applicationName: 'meshwright test' });
  try {
    return await use(async (sql) => (await client.query(sql)).rowCount);
  } finally {
    await client.end();
  }
}

function urlOf(url: string, database: string): string {
  const parsed = new URL(url);
  parsed.pathname = `/${database}`;
  return parsed.href;
}
