/**
 * Restores a backup that was found whole into a home and a database that have nothing in them. One that was cut off can
 * be started again.
 */
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { MeshwrightError } from '../base/errors.ts';
import { readBundleRefs, readMirrorRefs, unbundleMirror } from '../git/bundle-mirror.ts';
import { openMirror } from '../git/open-mirror.ts';
import type { BackupManifest } from './backup-manifest.ts';
import { connectClient } from './connect.ts';
import { restoreTables } from './restore-tables.ts';

export interface RestoreRequest {
  url: string;
  mirrorsDir: string;
  /** The backup; absolute. */
  folder: string;
  /** What openBackup found there. */
  manifest: BackupManifest;
}

/** @throws MeshwrightError `backup_newer`, `restore_not_empty`, `backup_damaged`; then nothing was changed. */
export async function restoreBackup(request: RestoreRequest): Promise<void> {
  const { folder, manifest } = request;
  const client = await connectClient(request.url, { applicationName: 'meshwright restore' });
  try {
    const made = await restoreMirrors(request);
    try {
      await restoreTables(client, folder, manifest);
    } catch (error) {
      for (const dir of made) await rm(dir, { recursive: true, force: true });
      throw error;
    }
  } finally {
    await client.end();
  }
}

/** Returns those that it made. A mirror that is there already and is just what the backup has stays as it is. */
async function restoreMirrors(request: RestoreRequest): Promise<string[]> {
  const { folder, manifest, mirrorsDir } = request;
  const wanted = manifest.mirrors.map(({ name, file }) => ({
    dir: path.join(mirrorsDir, `${name}.git`),
    bundle: file && path.join(folder, file),
  }));
  for (const { dir, bundle } of wanted) {
    if (existsSync(dir) && !(await isSame(dir, bundle))) throw mirrorExists(dir);
  }
  await mkdir(mirrorsDir, { recursive: true });
  const made: string[] = [];
  for (const { dir, bundle } of wanted) {
    if (existsSync(dir)) continue;
    if (bundle === null) await openMirror(dir);
    else await unbundleMirror(bundle, dir);
    made.push(dir);
  }
  return made;
}

async function isSame(dir: string, bundle: string | null): Promise<boolean> {
  const there = await readMirrorRefs(dir);
  const wanted = bundle === null ? new Map<string, string>() : await readBundleRefs(bundle);
  return there.size === wanted.size && [...wanted].every(([ref, commit]) => there.get(ref) === commit);
}

function mirrorExists(dir: string): MeshwrightError {
  return new MeshwrightError('restore_not_empty', `${dir} exists and is not what the backup has`, {
    hint: 'A restore never overwrites anything: move it away, or give MESHWRIGHT_HOME a new folder.',
    exitCode: 2,
  });
}
