/**
 * How a bubblewrap cell sees its workspace: read-only, writable, or read-only with the folders and files in it that may be
 * written. Makes the places that are to be written and are not there yet.
 */
import { lstatSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WritablePath } from '../permissions/writable-path.ts';
import type { CellSpec } from './cell.ts';

export function workspaceMounts({ workspace, isWorkspaceWritable, writable }: CellSpec): string[] {
  const bind = (option: string, path: string) => [option, path, path];
  if (!isWorkspaceWritable) return bind('--ro-bind', workspace);
  const closed = (name: string) =>
    kindOf(join(workspace, name)) === null ? [] : bind('--ro-bind', join(workspace, name));
  if (writable === undefined) return [...bind('--bind', workspace), ...closed('.mesh')];
  // Outer folders first: what is mounted later lies on top.
  const open = writable
    .toSorted((a, b) => a.path.length - b.path.length)
    .filter((place) => isPlace(workspace, place))
    .flatMap(({ path }) => bind('--bind', join(workspace, path)));
  return [...bind('--ro-bind', workspace), ...open, ...closed('.git'), ...closed('.mesh')];
}

/**
 * Really a folder or file of the workspace: bubblewrap follows links in what it binds, and a link that the project or an
 * earlier agent left would open whatever it leads to.
 */
function isPlace(workspace: string, { path, ifMissing }: WritablePath): boolean {
  const parts = path.split('/').filter(Boolean);
  let current = workspace;
  for (const [index, part] of parts.entries()) {
    current = join(current, part);
    const isLast = index === parts.length - 1;
    if (kindOf(current) === null) {
      if (ifMissing === 'leave_out') return false;
      if (isLast && ifMissing === 'file') writeFileSync(current, '', { flag: 'wx' });
      else mkdirSync(current);
    }
    const kind = kindOf(current);
    if (kind !== 'folder' && !(isLast && kind === 'file')) return false;
  }
  return true;
}

function kindOf(path: string): 'folder' | 'file' | 'other' | null {
  const facts = lstatSync(path, { throwIfNoEntry: false });
  if (facts === undefined) return null;
  if (facts.isDirectory()) return 'folder';
  return facts.isFile() ? 'file' : 'other';
}
