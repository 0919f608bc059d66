/** What docs/cli.md says that `--json` prints, level by level, compared with a value that was printed. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import { packageDir } from '../harness/project.ts';

/** Rows of the table below `## JSON`: command → place → keys, sorted. */
export const documented = readDocumentedKeys();

function readDocumentedKeys(): Map<string, Map<string, string[]>> {
  const section = /^## JSON$(.*?)^## /ms.exec(readDocs())?.[1] ?? '';
  const found = new Map<string, Map<string, string[]>>();
  for (const [, commands = '', place = '', keys = ''] of section.matchAll(
    /^\| (`.+?) \| (.*?) ?\| (`.+) \|$/gm,
  )) {
    for (const command of wordsOf(commands)) {
      const places = found.get(command) ?? new Map<string, string[]>();
      found.set(command, places);
      for (const each of place.includes('`') ? wordsOf(place) : [place])
        places.set(each, wordsOf(keys).sort());
    }
  }
  return found;
}

/** Names of the commands in the first table: `pause`, `stop`, `kill <what>` are three. */
export function documentedCommands(): string[] {
  const table = /^\| command \| what it does \|$(.*?)^$/ms.exec(readDocs())?.[1] ?? '';
  const cells = [...table.matchAll(/^\| (`.+?) \|/gm)].map(([, cell]) => cell ?? '');
  return cells.flatMap((cell) => wordsOf(cell).map((word) => word.split(' ')[0] ?? '')).sort();
}

/** Every documented level of the value is there, at least once, with exactly its keys; `without`: levels that are empty here. */
export function expectDocumented(command: string, value: unknown, without: readonly string[] = []): void {
  const places = documented.get(command) ?? new Map<string, string[]>();
  expect([...places.keys()], `docs/cli.md says nothing of ${command}`).toContain('');
  for (const [place, keys] of places) {
    if (without.includes(place)) continue;
    const values = valuesAt(value, place);
    expect(values, `${command} ${place}`).not.toHaveLength(0);
    for (const each of values)
      expect(Object.keys(each as object).sort(), `${command} ${place}`).toEqual(keys);
  }
}

/** `phases[].steps[]` → all steps of all phases. */
function valuesAt(value: unknown, place: string): unknown[] {
  if (place === '') return [value];
  return place.split('.').reduce<unknown[]>(
    (values, step) => {
      const inner = values.map((each) => (each as Record<string, unknown>)[step.replace('[]', '')]);
      return step.endsWith('[]') ? inner.flat() : inner;
    },
    [value],
  );
}

function readDocs(): string {
  return readFileSync(path.join(packageDir, 'docs/cli.md'), 'utf8');
}

function wordsOf(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, word]) => word ?? '');
}
