/** Finds role files: the project's own, then those of Claude Code, then the built-in ones; the first of a name wins. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Diagnostic } from '../yaml/diagnostic.ts';
import { readTextFile } from '../yaml/read-text-file.ts';
import { diagnosticAt } from '../yaml/yaml-source.ts';
import { parseRole } from './parse-role.ts';
import type { Role } from './team.ts';

/** All of it becomes part of every prompt of the role. */
const maxRoleBytes = 256 * 1_024;

export interface RoleEntry {
  /** Undefined when the file has errors; `diagnostics` says which. */
  role: Role | undefined;
  diagnostics: Diagnostic[];
}

export interface RoleFiles {
  byName: Map<string, RoleEntry>;
  /** Of the project's own files, whether the flow uses them or not. */
  diagnostics: Diagnostic[];
}

export async function readRoles(repoDir: string, builtInDir: string): Promise<RoleFiles> {
  const places = [
    { dir: path.join(repoDir, '.mesh/roles'), prefix: '.mesh/roles/', isOwn: true },
    { dir: path.join(repoDir, '.claude/agents'), prefix: '.claude/agents/', isOwn: false },
    { dir: path.join(builtInDir, 'roles'), prefix: '', isOwn: false },
  ];
  const byName = new Map<string, RoleEntry>();
  const own: Diagnostic[] = [];
  for (const { dir, prefix, isOwn } of places) {
    const inThisPlace = new Map<string, string>();
    for (const file of await listFiles(dir, ['.md'])) {
      const source = prefix === '' ? 'built in' : `${prefix}${file}`;
      const parsed = await readRole(source, path.join(dir, file));
      // Markdown of others without a name is no role; in our folder it is one with a mistake.
      if (parsed.name === undefined && !isOwn) continue;
      const name = parsed.name ?? path.basename(file, '.md');
      const twin = inThisPlace.get(name);
      if (isOwn) own.push(...parsed.diagnostics);
      if (twin !== undefined) {
        if (isOwn)
          own.push(
            diagnosticAt({ file: source, line: 1, col: 1 }, `${twin} describes a role \`${name}\` too`),
          );
        continue;
      }
      inThisPlace.set(name, source);
      if (!byName.has(name))
        byName.set(name, { role: parsed.value, diagnostics: isOwn ? [] : parsed.diagnostics });
    }
  }
  return { byName, diagnostics: own };
}

async function readRole(source: string, file: string): Promise<ReturnType<typeof parseRole>> {
  const read = await readTextFile(file, maxRoleBytes);
  if (read.ok) return parseRole(source, read.text);
  const message = `the role cannot be used: ${read.problem}`;
  const diagnostics = [diagnosticAt({ file: source, line: 1, col: 1 }, message)];
  return { value: undefined, name: undefined, diagnostics };
}

/** Names of the files with one of the endings, sorted; none when the folder is missing. */
export async function listFiles(dir: string, endings: readonly string[]): Promise<string[]> {
  try {
    const entries = await readdir(dir, { withFileTypes: true });
    return entries
      .filter((entry) => !entry.isDirectory() && endings.some((ending) => entry.name.endsWith(ending)))
      .map((entry) => entry.name)
      .sort();
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return [];
    throw error;
  }
}
