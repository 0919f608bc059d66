/** Two databases, a folder, and short ways to fill one of them, back it up and restore it into the other. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Mirror } from '../../src/git/mirror.ts';
import { openMirror } from '../../src/git/open-mirror.ts';
import { readGit } from '../../src/git/run-git.ts';
import { appended, freshStream, unitFor } from '../../src/journal/contract-harness.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { type BackupRequest, writeBackup } from '../../src/postgres/backup.ts';
import { type BackupManifest, openBackup } from '../../src/postgres/backup-manifest.ts';
import { openPostgresJournal } from '../../src/postgres/journal.ts';
import { restoreBackup } from '../../src/postgres/restore.ts';
import { openTestDatabase } from '../postgres.ts';

export interface BackupWorld {
  root: string;
  /** URLs. */
  database: string;
  elsewhere: string;
  /** Of one of them; closed with the world. */
  openJournal(url: string): Promise<Journal>;
  /** A mirror with one commit, and a journal with an event and a blob. */
  makeSomething(): Promise<Mirror>;
  /** Of `database`, into `<root>/backup`. `mirrorsDir`: where `mirror.git` lies. */
  backUp(mirrorsDir: string, rest?: Partial<BackupRequest>): Promise<BackupManifest>;
  /** Into `elsewhere`. */
  restore(mirrorsDir?: string): Promise<void>;
  remove(): Promise<void>;
}

export async function openBackupWorld(): Promise<BackupWorld> {
  const root = mkdtempSync(path.join(tmpdir(), 'mesh-backup-'));
  const database = await openTestDatabase();
  const elsewhere = await openTestDatabase();
  const folder = path.join(root, 'backup');
  const journals: Journal[] = [];
  const openJournal = async (url: string): Promise<Journal> => {
    const journal = await openPostgresJournal({ url });
    journals.push(journal);
    return journal;
  };
  return {
    root,
    database: database.url,
    elsewhere: elsewhere.url,
    openJournal,
    async makeSomething() {
      const journal = await openJournal(database.url);
      appended(await journal.append(unitFor(freshStream())));
      await journal.putBlob(Buffer.from('a blob'));
      const mirror = await openMirror(path.join(root, 'own', 'mirror.git'));
      const tree = await readGit({ args: ['mktree'], cwd: mirror.dir, gitDir: mirror.dir, stdin: '' });
      await mirror.moveRef('refs/heads/main', null, await commitOf(mirror, tree));
      return mirror;
    },
    backUp: (mirrorsDir, rest = {}) =>
      writeBackup({ url: database.url, mirrorsDir, folder, version: '0.0.0', ...rest }),
    async restore(mirrorsDir = path.join(root, 'mirrors')) {
      const manifest = await openBackup(folder);
      await restoreBackup({ url: elsewhere.url, mirrorsDir, folder, manifest });
    },
    async remove() {
      for (const journal of journals) await journal.close();
      await database.close();
      await elsewhere.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** Without parents, and no ref leads to it. */
export function commitOf(mirror: Mirror, tree: string): Promise<string> {
  const by = { authorName: 't', authorEmail: 't@example.invalid', at: 1_700_000_000_000 };
  return mirror.commitTree({ tree, parents: [], message: 'Alone', trailers: {}, ...by });
}
