/** What a backup that is not whole, or not for this version, does: nothing, and says why in one line. */
import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { manifestText } from '../../src/postgres/backup-manifest.ts';
import { migrationCount } from '../../src/postgres/migrations.ts';
import { type BackupWorld, openBackupWorld } from './backup-world.ts';

let world: BackupWorld;

beforeEach(async () => {
  world = await openBackupWorld();
});
afterEach(() => world.remove());

describe('a backup that is not what was written', () => {
  async function refusal(): Promise<{ code: string; message: string }> {
    const error = await world.restore().then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ message: expect.not.stringContaining('\n') });
    expect(await (await world.openJournal(world.elsewhere)).head()).toBe(0);
    return error as { code: string; message: string };
  }

  it('is refused in one line, whichever file was cut off, changed in one bit, or is missing', async () => {
    await world.makeSomething();
    const manifest = await world.backUp(path.join(world.root, 'own'));
    const names = ['manifest.json', ...manifest.files.map((file) => file.path)];
    expect(names).toEqual(expect.arrayContaining(['tables/event.jsonl.gz', 'mirrors/mirror.bundle']));
    for (const name of names) {
      const file = path.join(world.root, 'backup', name);
      const bytes = readFileSync(file);
      const flipped = Buffer.from(bytes);
      flipped[Math.floor(bytes.length / 2)] = (bytes[Math.floor(bytes.length / 2)] ?? 0) ^ 4;
      writeFileSync(file, flipped);
      expect((await refusal()).code, `${name} with one other bit`).toBe('backup_damaged');
      writeFileSync(file, bytes);
      truncateSync(file, bytes.length - 2);
      expect((await refusal()).code, `${name} without its end`).toBe('backup_damaged');
      rmSync(file);
      expect((await refusal()).code, `without ${name}`).toMatch(/^backup_(damaged|missing)$/);
      writeFileSync(file, bytes);
    }
    await world.restore();
  });

  it('is refused when it was cut short, or is of a later format or schema', async () => {
    await world.makeSomething();
    const manifest = await world.backUp(world.root);
    const file = path.join(world.root, 'backup', 'manifest.json');
    for (const later of [{ version: 2 }, { schema: migrationCount + 1 }]) {
      writeFileSync(file, manifestText({ ...manifest, ...later }));
      expect(await refusal()).toMatchObject({ code: 'backup_newer', exitCode: 2 });
    }
    writeFileSync(file, manifestText(manifest).replace(`"events": ${manifest.events}`, '"events": 7'));
    expect(await refusal()).toMatchObject({ code: 'backup_damaged' });
    rmSync(file);
    expect(await refusal()).toMatchObject({ code: 'backup_missing', exitCode: 2 });
  });

  it('never appears under its name when it could not be written to its end', async () => {
    await expect(world.backUp(world.root, { url: 'postgresql://nobody@127.0.0.1:1/none' })).rejects.toThrow();
    expect(readdirSync(world.root)).toEqual([]);
    await world.makeSomething();
    await world.backUp(world.root);
    await expect(world.backUp(world.root)).rejects.toMatchObject({ code: 'backup_exists' });
  });
});
