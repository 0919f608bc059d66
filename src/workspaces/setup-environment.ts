/**
 * Where package managers keep what they fetched. A cell's home ends with the cell, so their stores live in the
 * workspace, where set-up puts them and later commands, without a network, find them.
 */
import { join } from 'node:path';

/** Folder in the workspace; an output of set-up, never part of a tree. */
export const storeFolder = '.meshwright-setup';

export function setupEnvironment(tree: string): Record<string, string> {
  const store = join(tree, storeFolder);
  return {
    CARGO_HOME: join(store, 'cargo'),
    GOPATH: join(store, 'go'),
    // Go marks its module cache read-only, which nobody could delete again.
    GOFLAGS: '-modcacherw',
    PYTHONUSERBASE: join(store, 'python'),
  };
}
