/**
 * The one spelling of a path inside a workspace: relative, `/`-separated, without `.` and `..`. Whatever could mean
 * something else on another file system is refused, not repaired. Touches no disk; symbolic links are the cell's matter.
 */

export type PathCheck = { ok: true; path: string } | { ok: false; reason: string };

/** `''` is the workspace itself. */
export function normalizeWorkspacePath(path: string): PathCheck {
  const shown = JSON.stringify(path.length > 200 ? `${path.slice(0, 200)}…` : path);
  if (path.includes('\0')) return refuse(`${shown} contains a NUL character`);
  if (path.includes('\\')) return refuse(`${shown} contains a backslash; separate folders with /`);
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) {
    return refuse(`${shown} is absolute; give a path relative to the workspace`);
  }
  const segments = path.split('/').filter((segment) => segment !== '' && segment !== '.');
  if (segments.includes('..')) return refuse(`${shown} contains ..; paths stay inside the workspace`);
  return { ok: true, path: segments.join('/') };
}

/**
 * True when some segment is `name`, also in the spellings that case-insensitive and Unicode-folding file systems take
 * for it (`.GIT`, `.git.`, `.g\u200cit`, `GIT~1`).
 */
export function hasSegment(path: string, name: '.git' | '.mesh'): boolean {
  const shortName = `${name.slice(1)}~1`;
  return path.split('/').some((segment) => {
    const folded = segment
      .normalize('NFKC')
      .replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '')
      .toLowerCase()
      .replace(/(::?\$.*)$/, '')
      .replace(/[. ]+$/, '');
    return folded === name || folded === shortName;
  });
}

function refuse(reason: string): PathCheck {
  return { ok: false, reason };
}
