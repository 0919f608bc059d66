/**
 * Writes a backup: the database as of one moment, then the mirrors, which are never pruned and so hold every commit that
 * the database names. The folder appears under its name when all of it is on disk.
 */
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { MeshwrightError } from '../base/errors.ts';
import { bundleMirror } from '../git/bundle-mirror.ts';
import {
  type BackupFile,
  type BackupManifest,
  backupFormat,
  backupVersion,
  manifestText,
  measureFile,
} from './backup-manifest.ts';
import { type BackedUpTables, backUpTables } from './backup-tables.ts';
import { connectClient } from './connect.ts';
import { syncToDisk } from './sync-to-disk.ts';

const mirrorName = /^([A-Za-z0-9_][A-Za-z0-9._-]*)\.git$/;

export interface BackupRequest {
  url: string;
  /** Folder of the mirrors, `<project>.git` each; it need not exist. */
  mirrorsDir: string;
  /** Absolute; must not exist. */
  folder: string;
  /** Version of this program. */
  version: string;
}

/** @throws MeshwrightError `backup_exists`, `backup_nothing`, `database_unreachable`. */
export async function writeBackup(request: BackupRequest): Promise<BackupManifest> {
  const { folder } = request;
  if (existsSync(folder)) {
    throw new MeshwrightError('backup_exists', `${folder} exists; a backup never overwrites anything`, {
      hint: 'Name another folder.',
      exitCode: 2,
    });
  }
  const draft = `${folder}.unfinished-${process.pid}`;
  await mkdir(path.join(draft, 'tables'), { recursive: true, mode: 0o700 });
  try {
    await mkdir(path.join(draft, 'mirrors'), { mode: 0o700 });
    const tables = await backUpDatabase(request.url, draft);
    const mirrors = await backUpMirrors(request.mirrorsDir, draft);
    const named = [...tables.tables, ...mirrors].flatMap(({ file }) => file ?? []);
    const manifest: BackupManifest = {
      format: backupFormat,
      version: backupVersion,
      meshwright: request.version,
      ...tables,
      mirrors,
      files: await measureFiles(draft, named),
    };
    await writeFile(path.join(draft, 'manifest.json'), manifestText(manifest), { mode: 0o600, flush: true });
    for (const inner of ['tables', 'mirrors', '.']) await syncToDisk(path.join(draft, inner));
    await rename(draft, folder);
    await syncToDisk(path.dirname(folder));
    return manifest;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function backUpDatabase(url: string, draft: string): Promise<BackedUpTables> {
  const client = await connectClient(url, { applicationName: 'meshwright backup' });
  try {
    return await backUpTables(client, draft);
  } finally {
    await client.end();
  }
}

async function backUpMirrors(mirrorsDir: string, draft: string): Promise<BackupManifest['mirrors']> {
  const found: BackupManifest['mirrors'] = [];
  for (const entry of await listFolder(mirrorsDir)) {
    const name = mirrorName.exec(entry)?.[1];
    if (name === undefined) continue;
    const file = `mirrors/${name}.bundle`;
    const isWritten = await bundleMirror(path.join(mirrorsDir, entry), path.join(draft, file));
    if (isWritten) await syncToDisk(path.join(draft, file));
    found.push({ name, file: isWritten ? file : null });
  }
  return found;
}

async function listFolder(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

async function measureFiles(draft: string, names: readonly string[]): Promise<BackupFile[]> {
  const files: BackupFile[] = [];
  for (const name of names) {
    const measured = await measureFile(path.join(draft, name));
    if (!measured) throw new Error(`${name} of the backup is gone`);
    files.push({ path: name, ...measured });
  }
  return files;
}
