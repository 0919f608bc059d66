import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { findImports } from '../../test/architecture/find-imports.ts';
import { sha256Hex } from '../base/json.ts';
import { itemReducer } from './item-reducer.ts';

/** Of the code with which an item folds, and the name under which its snapshots are kept. */
const known = {
  reducerHash: 'item/4',
  fingerprint: 'f5174f40d44886baf9bf35bb2fedc9b5a0079a1502b699ca8cfc4685fb611fa0',
};

/** Every file of this folder that the fold reaches; comments and types count, which errs on the safe side. */
function sourcesOf(start: string): string[] {
  const found = new Set<string>();
  const visit = (file: string) => {
    if (found.has(file)) return;
    found.add(file);
    for (const { specifier } of findImports(readFileSync(file, 'utf8'))) {
      const target = path.resolve(path.dirname(file), specifier);
      if (specifier.startsWith('.') && path.dirname(target).startsWith(import.meta.dirname)) visit(target);
    }
  };
  visit(start);
  return [...found].sort();
}

test('snapshots of items are not believed once the code that folds items has changed', () => {
  const start = path.join(import.meta.dirname, 'item-reducer.ts');
  const text = sourcesOf(start).map((file) => readFileSync(file, 'utf8'));
  expect(
    { reducerHash: itemReducer.reducerHash, fingerprint: sha256Hex(text.join('\0')) },
    'The fold of items has changed: raise `revision` in item-reducer.ts, then put both values here.',
  ).toEqual(known);
});
