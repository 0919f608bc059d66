/**
 * Names the one database server of a test run. The first test that needs it starts it (test/postgres.ts); here it
 * is only waited for at the end, and its traces removed.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { waitForServerEnd } from '../src/postgres/open-database.ts';
import { dropTemplate } from './postgres.ts';

declare module 'vitest' {
  interface ProvidedContext {
    testServer: { home: string; template: string };
  }
}

export default function setUp(project: TestProject): () => Promise<void> {
  const home = join(tmpdir(), `meshwright-test-${randomUUID().slice(0, 8)}`);
  const template = `meshwright_template_${randomUUID().replaceAll('-', '')}`;
  project.provide('testServer', { home, template });
  return async () => {
    const databaseUrl = process.env.DATABASE_URL;
    if (databaseUrl) await dropTemplate(databaseUrl, template);
    if (!existsSync(home)) return;
    await waitForServerEnd(home);
    rmSync(home, { recursive: true, force: true });
  };
}
