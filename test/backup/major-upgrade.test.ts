/** A package with the next major version of PostgreSQL meets the data of the one before: what it says leads through. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { appended, freshStream, unitFor } from '../../src/journal/contract-harness.ts';
import { writeBackup } from '../../src/postgres/backup.ts';
import { openBackup } from '../../src/postgres/backup-manifest.ts';
import { openPostgresJournal } from '../../src/postgres/journal.ts';
import { openDatabase, waitForServerEnd } from '../../src/postgres/open-database.ts';
import { restoreBackup } from '../../src/postgres/restore.ts';

let home: string;
let data: string;

beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'mesh-major-'));
  data = path.join(home, 'postgres', 'data');
});
afterEach(async () => {
  await waitForServerEnd(home);
  rmSync(home, { recursive: true, force: true });
});

/** Opens the home's server for one use and waits until it is gone. */
async function withServer<T>(use: (url: string) => Promise<T>): Promise<T> {
  const database = await openDatabase({ home });
  try {
    return await use(database.url);
  } finally {
    await database.close();
    await waitForServerEnd(home);
  }
}

async function withJournal<T>(
  url: string,
  use: (journal: Awaited<ReturnType<typeof openPostgresJournal>>) => Promise<T>,
) {
  const journal = await openPostgresJournal({ url });
  try {
    return await use(journal);
  } finally {
    await journal.close();
  }
}

it('names both versions and the commands, touches nothing, and those commands bring everything over', {
  timeout: 120_000,
}, async () => {
  const mirrorsDir = path.join(home, 'mirrors');
  const stream = freshStream();
  const written = await withServer((url) =>
    withJournal(url, async (journal) => appended(await journal.append(unitFor(stream)))),
  );
  const real = readFileSync(path.join(data, 'PG_VERSION'), 'utf8');
  const earlier = Number(real) - 1;

  writeFileSync(path.join(data, 'PG_VERSION'), `${earlier}\n`);
  const refused = await withServer(async () => null).catch((error: unknown) => error);
  expect(refused).toMatchObject({
    code: 'database_major_upgrade',
    message: `${data} is of PostgreSQL ${earlier}; this Meshwright brings PostgreSQL ${Number(real)}.`,
  });
  const [backup, move, restore] = [...String((refused as { hint: string }).hint).matchAll(/`([^`]+)`/g)].map(
    ([, command]) => command?.split(' ') ?? [],
  );
  expect(readFileSync(path.join(data, 'PG_VERSION'), 'utf8')).toBe(`${earlier}\n`);

  // The Meshwright that made it: to it, its own version is the right one.
  writeFileSync(path.join(data, 'PG_VERSION'), real);
  expect(backup?.slice(0, 2)).toEqual(['meshwright', 'backup']);
  const folder = backup?.[2] ?? '';
  await withServer((url) => writeBackup({ url, mirrorsDir, folder, version: '0.0.0' }));
  writeFileSync(path.join(data, 'PG_VERSION'), `${earlier}\n`);

  expect(move?.[0]).toBe('mv');
  renameSync(move?.[1] ?? '', move?.[2] ?? '');
  expect(existsSync(data)).toBe(false);
  expect(restore).toEqual(['meshwright', 'restore', folder]);
  const manifest = await openBackup(folder);
  const found = await withServer(async (url) => {
    await restoreBackup({ url, mirrorsDir, folder, manifest });
    return withJournal(url, (journal) => journal.read(stream));
  });
  expect(found).toEqual(written);
});

it('of a later version leads back to the Meshwright that made it', async () => {
  mkdirSync(data, { recursive: true });
  writeFileSync(path.join(data, 'PG_VERSION'), '99\n');
  await expect(withServer(async () => null)).rejects.toMatchObject({
    code: 'database_major_upgrade',
    hint: 'Use the Meshwright that made it, or a later one.',
  });
});
