/**
 * Loads the product with a guard taken out: source edits made while modules are loaded, in a process of their own. Nothing
 * on disk changes and the product has no hooks for it.
 */
import { readFileSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

export interface SourceEdit {
  /** Relative to the repository. */
  file: string;
  /** Must occur exactly once. */
  find: string;
  replace: string;
}

export interface PlantedBug {
  name: string;
  /** The guard that is missing, in one line. */
  guard: string;
  edits: readonly SourceEdit[];
}

const root = path.resolve(import.meta.dirname, '../..');

/**
 * To be called before the product's modules are imported.
 * @throws Error when an edit does not fit its file any more.
 */
export function plantBug({ name, edits }: PlantedBug): void {
  const sources = new Map<string, string>();
  for (const { file, find, replace } of edits) {
    const url = pathToFileURL(path.join(root, file)).href;
    const source = sources.get(url) ?? readFileSync(path.join(root, file), 'utf8');
    const count = source.split(find).length - 1;
    if (count !== 1) throw new Error(`${name}: ${JSON.stringify(find)} occurs ${count} times in ${file}`);
    sources.set(
      url,
      source.replace(find, () => replace),
    );
  }
  registerHooks({
    load(url, context, nextLoad) {
      const source = sources.get(url);
      if (source === undefined) return nextLoad(url, context);
      return { format: 'module', source: stripTypeScriptTypes(source), shortCircuit: true };
    },
  });
}
