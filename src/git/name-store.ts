/** A name for a folder of mirrors, the same for ever and wherever the folder is moved to. */
import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Makes one up at the first call; several processes may call at once. */
export async function nameStore(dir: string): Promise<string> {
  const place = join(dir, 'store-name');
  const known = await readName(place);
  if (known) return known;
  await mkdir(dir, { recursive: true });
  const draft = `${place}.${randomUUID()}`;
  await writeFile(draft, `${randomUUID()}\n`);
  // A link never replaces: the first one wins, whole.
  await link(draft, place).catch(() => {});
  await rm(draft, { force: true });
  const name = await readName(place);
  if (!name) throw new Error(`${place} cannot be written`);
  return name;
}

async function readName(place: string): Promise<string | null> {
  return (await readFile(place, 'utf8').catch(() => '')).trim() || null;
}
