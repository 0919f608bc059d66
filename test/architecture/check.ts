/** Judges a set of source files against the rules of ARCHITECTURE.md. Pure: files in, problems out, one line each. */
import { posix } from 'node:path';
import { findCycles } from './find-cycles.ts';
import { findImports, type Import } from './find-imports.ts';
import { drawers, maxBaseFiles, maxFileLines, ranks, typeExceptions } from './ranks.ts';

export interface SourceFile {
  /** Relative to the project, `/`-separated: `src/base/money.ts`. */
  path: string;
  text: string;
}

/** Every broken rule; empty when all is well. Files outside src/ are held to name and length only. */
export function checkArchitecture(files: readonly SourceFile[]): string[] {
  const paths = new Set(files.map((file) => file.path));
  const problems: string[] = [];
  const graph = new Map<string, string[]>();
  for (const file of files) {
    problems.push(...checkShape(file));
    if (!file.path.startsWith('src/')) continue;
    const place = checkPlace(file.path);
    problems.push(...place);
    const targets: string[] = [];
    for (const one of findImports(file.text).filter((found) => found.specifier.startsWith('.'))) {
      const target = posix.join(posix.dirname(file.path), one.specifier);
      if (paths.has(target)) targets.push(target);
      if (place.length === 0) problems.push(...checkImport(file.path, one, target));
    }
    graph.set(file.path, targets);
  }
  const base = files.filter((file) => /^src\/base\/[^/]+\.ts$/.test(file.path) && !isForTests(file.path));
  if (base.length > maxBaseFiles) problems.push(`src/base has ${base.length} files; at most ${maxBaseFiles}`);
  for (const cycle of findCycles(graph)) problems.push(`import cycle: ${cycle.join(' → ')}`);
  return problems;
}

function isForTests(path: string): boolean {
  return path.endsWith('.test.ts') || path.endsWith('-contract.ts');
}

function checkShape({ path, text }: SourceFile): string[] {
  const problems: string[] = [];
  if (!/^[a-z0-9]+(-[a-z0-9]+)*(\.test)?\.ts$/.test(posix.basename(path))) {
    problems.push(`${path} is not named in kebab-case`);
  }
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
  if (lines > maxFileLines) problems.push(`${path} has ${lines} lines; over ${maxFileLines} it is two words`);
  return problems;
}

function checkPlace(path: string): string[] {
  const [, ...inside] = path.split('/');
  const name = inside.at(-1) ?? '';
  const folders = inside.slice(0, -1);
  if (folders.length === 0) return name in ranks ? [] : [`${path} is in no folder`];
  const drawer = folders.find((folder) => drawers.includes(folder));
  if (drawer) return [`${path} is in a drawer: name it after what it holds, not "${drawer}"`];
  if (!((folders[0] ?? '') in ranks)) return [`${path} is in a folder without a rank: ${folders[0]}`];
  if (name === 'index.ts') return [`${path} is a barrel: import the file that defines the thing`];
  if (name === 'types.ts') return [`${path} is a drawer: put each type with the word that needs it`];
  return [];
}

function checkImport(path: string, { specifier, line, isTypeOnly }: Import, target: string): string[] {
  if (isForTests(path)) return [];
  const at = `${path}:${line}`;
  if (!target.startsWith('src/')) return [`${at} imports ${specifier}, outside src/`];
  if (isForTests(target)) return [`${at} imports ${specifier}, which is for tests`];
  const from = folderOf(path);
  const to = folderOf(target);
  if (from === to || (isTypeOnly && typeExceptions[from]?.includes(target))) return [];
  const fromRank = ranks[from] ?? 0;
  const toRank = ranks[to];
  if (toRank !== undefined && toRank < fromRank) return [];
  return [`${at} ${from} (rank ${fromRank}) imports ${to} (rank ${toRank ?? 'unknown'})`];
}

/** The word that a path belongs to: its first folder under src/, or the file itself. */
function folderOf(path: string): string {
  return path.split('/')[1] ?? '';
}
