/**
 * What a backup says of itself: which version wrote it, and size and checksum of each of its files. A backup whose bytes
 * are not those that were written is refused before anything of it is used.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { MeshwrightError } from '../base/errors.ts';
import { hashJson } from '../base/json.ts';

export const backupFormat = 'meshwright-backup';
/** Of the files' format, docs/backup.md. */
export const backupVersion = 1;

/** Relative, with `/`, inside the backup: `tables/event.jsonl.gz`, `mirrors/orders-api.bundle`. */
const filePath = z.string().regex(/^(tables|mirrors)\/[A-Za-z0-9_][A-Za-z0-9._-]*$/);

const manifestShape = z.object({
  format: z.literal(backupFormat),
  version: z.number(),
  /** Of the package that wrote it. */
  meshwright: z.string(),
  /** ISO time of the database's snapshot. */
  at: z.string(),
  /** Number of the database's last migration. */
  schema: z.number().int().min(1),
  postgres: z.string(),
  /** Position of the journal's last event. */
  events: z.number().int(),
  tables: z.array(z.object({ name: z.string(), file: filePath, rows: z.number().int() })),
  /** `file` null: a mirror without a commit. */
  mirrors: z.array(
    z.object({ name: z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9._-]*$/), file: filePath.nullable() }),
  ),
  files: z.array(z.object({ path: filePath, bytes: z.number().int(), sha256: z.string() })),
});

export type BackupManifest = z.infer<typeof manifestShape>;
export type BackupFile = BackupManifest['files'][number];

/** The manifest's own text; its last key is the checksum over all others. */
export function manifestText(manifest: BackupManifest): string {
  return `${JSON.stringify({ ...manifest, checksum: hashJson(manifest) }, null, 2)}\n`;
}

/**
 * Reads the manifest and compares every file with it.
 * @throws MeshwrightError `backup_missing`, `backup_damaged`, `backup_newer`; the message is one line.
 */
export async function openBackup(folder: string): Promise<BackupManifest> {
  const manifest = await readManifest(folder);
  for (const file of manifest.files) {
    const found = await measureFile(path.join(folder, file.path));
    if (found === null) throw damaged(folder, `${file.path} is missing`);
    if (found.bytes < file.bytes) throw damaged(folder, `${file.path} was cut off`);
    if (found.sha256 !== file.sha256) throw damaged(folder, `${file.path} is not what was written`);
  }
  return manifest;
}

async function readManifest(folder: string): Promise<BackupManifest> {
  const text = await readFile(path.join(folder, 'manifest.json'), 'utf8').catch(() => null);
  if (text === null) {
    throw new MeshwrightError('backup_missing', `there is no backup in ${folder}: it has no manifest.json`, {
      hint: 'Name the folder that `meshwright backup` printed. One that was cut short has no manifest.',
      exitCode: 2,
    });
  }
  const { checksum, ...rest } = parseObject(text);
  if (rest.format === backupFormat && typeof rest.version === 'number' && rest.version > backupVersion) {
    throw newerBackup(folder, `format ${rest.version}`);
  }
  const parsed = manifestShape.safeParse(rest);
  if (!parsed.success || checksum !== hashJson(rest)) throw damaged(folder, 'its manifest was changed');
  const listed = new Set(parsed.data.files.map((file) => file.path));
  const named = [...parsed.data.tables, ...parsed.data.mirrors].flatMap(({ file }) => file ?? []);
  const unlisted = named.find((file) => !listed.has(file));
  if (unlisted !== undefined) throw damaged(folder, `its manifest does not list ${unlisted}`);
  return parsed.data;
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === 'object' ? { ...value } : {};
  } catch {
    return {};
  }
}

/** Null when there is no such file. */
export async function measureFile(file: string): Promise<{ bytes: number; sha256: string } | null> {
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    await pipeline(createReadStream(file), async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) {
        hash.update(chunk);
        bytes += chunk.length;
      }
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  return { bytes, sha256: hash.digest('hex') };
}

export function damaged(folder: string, what: string): MeshwrightError {
  return new MeshwrightError('backup_damaged', `the backup ${folder} is damaged: ${what}`, {
    hint: 'Nothing was restored. Use another copy of it.',
  });
}

export function newerBackup(folder: string, what: string): MeshwrightError {
  return new MeshwrightError(
    'backup_newer',
    `the backup ${folder} is of ${what}, which this Meshwright does not know`,
    {
      hint: 'Restore it with the Meshwright that wrote it, or a later one.',
      exitCode: 2,
    },
  );
}
