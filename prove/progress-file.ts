/** What an interrupted run of a suite had reached, in a folder that git ignores. A file is for one suite and one size. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { JsonObject } from '../src/base/json.ts';

export interface ProgressFile {
  /** Null when there is none. */
  read(): JsonObject | null;
  write(state: object): void;
  remove(): void;
}

export function openProgressFile(dir: string, name: string): ProgressFile {
  const file = path.join(dir, `${name}.json`);
  return {
    read() {
      try {
        return JSON.parse(readFileSync(file, 'utf8')) as JsonObject;
      } catch {
        return null;
      }
    },
    write(state) {
      mkdirSync(dir, { recursive: true });
      // A kill in the middle leaves the old one.
      writeFileSync(`${file}.new`, JSON.stringify(state));
      renameSync(`${file}.new`, file);
    },
    remove: () => rmSync(file, { force: true }),
  };
}
