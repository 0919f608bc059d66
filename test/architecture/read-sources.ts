/** Reads the project's own TypeScript files for the tests that judge them. */
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { SourceFile } from './check.ts';

export const projectRoot = join(import.meta.dirname, '..', '..');

/** All `.ts` files under src/, test/ and bench/, with paths relative to the project, sorted. */
export async function readSources(): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  for (const folder of ['src', 'test', 'bench']) {
    for (const path of await pathsUnder(join(projectRoot, folder))) {
      const name = relative(projectRoot, path).split(sep).join('/');
      files.push({ path: name, text: await readFile(path, 'utf8') });
    }
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function pathsUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
}
