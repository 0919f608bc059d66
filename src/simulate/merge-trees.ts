/** Trees of the simulated git: path → content, and the three-way merge of two of them. Pure. */

/** Sorted by path, never changed. */
export type Tree = ReadonlyMap<string, string>;

export function sortedTree(entries: Iterable<readonly [string, string]>): Tree {
  return new Map([...entries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

export interface MergedTree {
  tree: Tree;
  /** Paths, sorted; their content carries conflict markers. */
  conflicts: string[];
}

export function mergeTrees(base: Tree, ours: Tree, theirs: Tree): MergedTree {
  const conflicts: string[] = [];
  const merged: [string, string][] = [];
  for (const path of [...new Set([...ours.keys(), ...theirs.keys()])].sort()) {
    const [was, our, their] = [base.get(path), ours.get(path), theirs.get(path)];
    const result = mergeContent(was, our, their);
    if (result.isConflict) conflicts.push(path);
    if (result.content !== undefined) merged.push([path, result.content]);
  }
  return { tree: sortedTree(merged), conflicts };
}

interface MergedContent {
  content: string | undefined;
  isConflict: boolean;
}

function mergeContent(
  base: string | undefined,
  ours: string | undefined,
  theirs: string | undefined,
): MergedContent {
  if (ours === theirs || theirs === base) return { content: ours, isConflict: false };
  if (ours === base) return { content: theirs, isConflict: false };
  const byLine = mergeLines(base, ours, theirs);
  if (byLine !== null) return { content: byLine, isConflict: false };
  const marked = `<<<<<<< ours\n${ours ?? ''}=======\n${theirs ?? ''}>>>>>>> theirs\n`;
  return { content: marked, isConflict: true };
}

/** Line by line where all three have the same number of lines and no line was changed on both sides; else null. */
function mergeLines(
  base: string | undefined,
  ours: string | undefined,
  theirs: string | undefined,
): string | null {
  if (base === undefined || ours === undefined || theirs === undefined) return null;
  const [was, our, their] = [base.split('\n'), ours.split('\n'), theirs.split('\n')];
  if (was.length !== our.length || was.length !== their.length) return null;
  const lines: string[] = [];
  for (const [index, line] of was.entries()) {
    const [left = '', right = ''] = [our[index], their[index]];
    if (left !== right && left !== line && right !== line) return null;
    lines.push(left === line ? right : left);
  }
  return lines.join('\n');
}
