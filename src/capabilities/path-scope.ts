/** Which workspace paths a role may read or write: its globs, and the two folders that no agent ever writes. Pure. */
import picomatch from 'picomatch';
import type { Role } from '../teams/team.ts';
import { hasSegment, normalizeWorkspacePath, type PathCheck } from './workspace-path.ts';

export type PathUse = 'read' | 'write';

/** Ok carries the normalised path. Refusals say what the role may use instead. */
export function judgePath(role: Role, use: PathUse, path: string): PathCheck {
  const normal = normalizeWorkspacePath(path);
  if (!normal.ok) return normal;
  if (hasSegment(normal.path, '.git')) {
    return refuse(`${path} belongs to git's own files, which no agent may ${use}`);
  }
  if (use === 'write' && hasSegment(normal.path, '.mesh')) {
    return refuse(`${path} belongs to the project's mesh configuration, which no agent may change`);
  }
  const scope = use === 'read' ? role.readPaths : role.writePaths;
  if (scope === null || scope.some((glob) => matchesScope(glob, normal.path))) return normal;
  const allowed = scope.length === 0 ? 'no path' : scope.join(', ');
  return refuse(`${path} is outside what role ${role.name} may ${use} (${allowed})`);
}

export function pathAllowed(role: Role, use: PathUse, path: string): boolean {
  return judgePath(role, use, path).ok;
}

/** Those of a captured change set's paths that the role may not write: judged again on what was really changed. */
export function outOfScope(role: Role, changedPaths: readonly string[]): string[] {
  return changedPaths.filter((path) => !pathAllowed(role, 'write', path));
}

/** A glob also covers everything below a folder that it names (`docs` and `docs/` mean `docs/**` too). */
function matchesScope(glob: string, path: string): boolean {
  const pattern = glob.replace(/^\.\//, '').replace(/\/+$/, '');
  const options = { dot: true, nonegate: true };
  return picomatch.isMatch(path, pattern, options) || picomatch.isMatch(path, `${pattern}/**`, options);
}

function refuse(reason: string): PathCheck {
  return { ok: false, reason };
}
