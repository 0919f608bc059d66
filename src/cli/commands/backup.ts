/** `backup` and `restore`: everything that is stored, of all projects, into one folder and back. */
import path from 'node:path';
import { systemClock } from '../../base/clock.ts';
import { homePaths, meshwrightHome } from '../../base/home.ts';
import { openHomeDatabase } from '../../compose/project.ts';
import { writeBackup } from '../../postgres/backup.ts';
import { type BackupManifest, openBackup } from '../../postgres/backup-manifest.ts';
import { restoreBackup } from '../../postgres/restore.ts';
import type { ExitCode } from '../door.ts';
import { packageVersion } from '../package-version.ts';
import type { Session } from '../session.ts';

/** `given`: the folder to make; default: one named after the time, where the command is called. */
export async function backupCommand(session: Session, given: string | undefined): Promise<ExitCode> {
  const { terminal } = session;
  const stamp = new Date(systemClock.now()).toISOString().slice(0, 19).replaceAll(':', '');
  const folder = path.resolve(session.dir, given ?? `meshwright-backup-${stamp}Z`);
  const manifest = await withDatabase(session, (url, mirrorsDir) =>
    writeBackup({ url, mirrorsDir, folder, version: packageVersion() }),
  );
  if (terminal.isJson) terminal.json(summaryOf(folder, manifest));
  else {
    terminal.line(`${folder}: ${describeBackup(manifest)}`);
    terminal.line(
      terminal.style(
        'dim',
        'Keep it elsewhere than this disk. `meshwright restore <folder>` brings it back.',
      ),
    );
  }
  return 0;
}

export async function restoreCommand(session: Session, given: string): Promise<ExitCode> {
  const { terminal } = session;
  const folder = path.resolve(session.dir, given);
  const manifest = await openBackup(folder);
  await withDatabase(session, (url, mirrorsDir) => restoreBackup({ url, mirrorsDir, folder, manifest }));
  if (terminal.isJson) terminal.json(summaryOf(folder, manifest));
  else {
    terminal.line(`Restored ${describeBackup(manifest)}, as of ${manifest.at}.`);
    terminal.line(
      terminal.style('dim', '`meshwright doctor --verify` checks it; `run` goes on with the work.'),
    );
  }
  return 0;
}

async function withDatabase<T>(
  session: Session,
  use: (url: string, mirrorsDir: string) => Promise<T>,
): Promise<T> {
  const { mirrors } = homePaths(meshwrightHome(session.env, process.platform));
  const database = await openHomeDatabase(session.env, session.log);
  try {
    return await use(database.url, mirrors);
  } finally {
    await database.close();
  }
}

function summaryOf(folder: string, manifest: BackupManifest) {
  const { at, schema, events } = manifest;
  return { path: folder, at, schema, events, mirrors: manifest.mirrors.length, bytes: bytesOf(manifest) };
}

function describeBackup(manifest: BackupManifest): string {
  const megabytes = (bytesOf(manifest) / 1e6).toFixed(1);
  return `${manifest.events} events, ${manifest.mirrors.length} mirrors, ${megabytes} MB`;
}

function bytesOf({ files }: BackupManifest): number {
  return files.reduce((sum, file) => sum + file.bytes, 0);
}
