/**
 * Which folders and files of its workspace a role's commands must be able to write: the literal beginnings of its globs. The
 * globs themselves are judged by the tools and again at capture. Pure.
 */
import picomatch from 'picomatch';
import type { WritablePath } from '../permissions/writable-path.ts';
import type { Role } from '../teams/team.ts';
import { allowedParts, pathAllowed } from './path-scope.ts';
import { normalizeWorkspacePath } from './workspace-path.ts';

/** Null: the whole workspace. */
export function writableOf(role: Role): WritablePath[] | null {
  if (role.onlyFiles !== null) {
    const files = role.onlyFiles.filter((file) => pathAllowed(role, 'capture', file));
    return files.map((path) => ({ path, ifMissing: 'leave_out' }));
  }
  const parts = allowedParts(role, 'capture').map((rules) =>
    rules.flatMap(({ part }) =>
      part?.kind === 'path' ? [part.glob.includes('/') ? part.glob : `**/${part.glob}`] : [],
    ),
  );
  const scopes = [...(role.writePaths === null ? [] : [role.writePaths]), ...parts];
  const [first, ...others] = scopes.map((globs) => globs.flatMap(beginningOf));
  if (first === undefined) return null;
  return others.reduce(
    (mounts, more) => mounts.flatMap((one) => more.flatMap((other) => narrower(one, other))),
    first,
  );
}

/** Literal files of the scope: made before the cell starts where they are missing, and no change while they are empty. */
export function emptyPlacesOf(role: Role): string[] {
  return (writableOf(role) ?? []).filter(({ ifMissing }) => ifMissing === 'file').map(({ path }) => path);
}

/** `src/**\/*.ts` → the folder `src`; `CHANGELOG.md` → the file; `**` → the workspace, `''`. */
function beginningOf(glob: string): WritablePath[] {
  const normal = normalizeWorkspacePath(glob);
  if (!normal.ok) return [];
  const { base, isGlob } = picomatch.scan(normal.path);
  const path = isGlob ? base.replace(/\/$/, '') : normal.path;
  return [{ path, ifMissing: isGlob || glob.endsWith('/') || !hasEnding(path) ? 'folder' : 'file' }];
}

/** `notes.md` and not `docs`: what a name without an ending will be is not known, and folders are more usual. */
function hasEnding(path: string): boolean {
  return /[^/]\.[^./]+$/.test(path);
}

/** Where both reach. */
function narrower(one: WritablePath, other: WritablePath): WritablePath[] {
  if (isWithin(one.path, other.path)) return [one];
  return isWithin(other.path, one.path) ? [other] : [];
}

function isWithin(path: string, folder: string): boolean {
  return folder === '' || path === folder || path.startsWith(`${folder}/`);
}
