/** Takes a guard out of the product that this process loads, and of the program inside of the cells that it opens. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { plantBug, type SourceEdit } from '../simulate/plant-bug.ts';
import type { PlantedGuard } from './planted-guards.ts';

const inside = 'src/cells/inside/';
const root = path.resolve(import.meta.dirname, '../..');

/**
 * To be called before the product's modules are imported. The program inside runs in a process of its own, so it is edited in
 * a copy that is removed when this process ends.
 * @throws Error when an edit does not fit its file any more.
 */
export function plantGuard(guard: PlantedGuard): void {
  const [cellEdits, edits] = [true, false].map((isInside) =>
    guard.edits.filter(({ file }) => file.startsWith(inside) === isInside),
  );
  const copied = cellEdits?.length ? [useCopy(guard.name, cellEdits)] : [];
  plantBug({ ...guard, edits: [...(edits ?? []), ...copied] });
}

/** The edit that makes cells run the copy. */
function useCopy(name: string, edits: readonly SourceEdit[]): SourceEdit {
  const copy = mkdtempSync(path.join(tmpdir(), 'mesh-hijack-inside-'));
  process.once('exit', () => rmSync(copy, { recursive: true, force: true }));
  cpSync(path.join(root, inside), copy, { recursive: true });
  for (const { file, find, replace } of edits) {
    const edited = path.join(copy, file.slice(inside.length));
    const source = readFileSync(edited, 'utf8');
    if (source.split(find).length !== 2)
      throw new Error(`${name}: ${JSON.stringify(find)} is not once in ${file}`);
    writeFileSync(
      edited,
      source.replace(find, () => replace),
    );
  }
  return {
    file: 'src/cells/start-inside.ts',
    find: "join(dirname(fileURLToPath(import.meta.url)), 'inside')",
    replace: `join(dirname(fileURLToPath(import.meta.url)), ${JSON.stringify(path.relative(path.join(root, 'src/cells'), copy))})`,
  };
}
