/** Reads the packs that the policy names, the project's own before the built-in ones, with the problems of all files at once. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Diagnostic } from '../yaml/diagnostic.ts';
import { freezeDeep } from '../yaml/freeze.ts';
import { readTextFile } from '../yaml/read-text-file.ts';
import { suggestWord } from '../yaml/yaml-shape.ts';
import { diagnosticAt, type Position } from '../yaml/yaml-source.ts';
import type { MemoryRecord } from './memory-record.ts';
import { parseRule } from './parse-rule.ts';

const maxRuleBytes = 64 * 1_024;
/** Of one pack: each that concerns the work stands in its prompt. */
const mostRules = 100;

export interface PackRequest {
  /** With the place in mesh.yaml where each is named. */
  names: readonly { name: string; at: Position }[];
  /** `.mesh/packs` of the project is looked into first. */
  repoDir: string;
  /** Folder with `packs/` of the package. */
  builtInDir: string;
}

/** Rules by pack as named, then by id. Never throws for what the files say. */
export async function loadPacks({
  names,
  repoDir,
  builtInDir,
}: PackRequest): Promise<{ rules: MemoryRecord[]; diagnostics: Diagnostic[] }> {
  const places = [
    { dir: path.join(repoDir, '.mesh/packs'), prefix: '.mesh/packs/' },
    { dir: path.join(builtInDir, 'packs'), prefix: 'built in: ' },
  ];
  const rules: MemoryRecord[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const { name, at } of names) {
    const place = await findPlace(places, name);
    if (place === undefined) {
      const known = (await Promise.all(places.map(({ dir }) => listFolders(dir)))).flat();
      const message = `there is no pack \`${name}\` in .mesh/packs${suggestWord(name, known)}`;
      diagnostics.push(diagnosticAt(at, message));
      continue;
    }
    const pack = await loadPack(name, place, at);
    rules.push(...pack.rules);
    diagnostics.push(...pack.diagnostics);
  }
  return { rules: freezeDeep(rules), diagnostics };
}

interface Place {
  dir: string;
  prefix: string;
}

async function findPlace(places: readonly Place[], name: string): Promise<Place | undefined> {
  for (const { dir, prefix } of places)
    if ((await listFolders(dir)).includes(name))
      return { dir: path.join(dir, name), prefix: `${prefix}${name}/` };
  return undefined;
}

async function loadPack(
  pack: string,
  { dir, prefix }: Place,
  at: Position,
): Promise<{ rules: MemoryRecord[]; diagnostics: Diagnostic[] }> {
  const files = (await listEntries(dir))
    .filter(
      (entry) => !entry.isDirectory() && entry.name.endsWith('.md') && !/^readme\.md$/i.test(entry.name),
    )
    .map(({ name }) => name)
    .sort();
  if (files.length === 0 || files.length > mostRules) {
    const what = files.length === 0 ? 'has no rules (files `*.md`)' : `has more than ${mostRules} rules`;
    return { rules: [], diagnostics: [diagnosticAt(at, `the pack \`${pack}\` ${what}`)] };
  }
  const fileOf = new Map<string, string>();
  const rules: MemoryRecord[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const file of files) {
    const source = `${prefix}${file}`;
    const top = { file: source, line: 1, col: 1 };
    const read = await readTextFile(path.join(dir, file), maxRuleBytes);
    if (!read.ok) {
      diagnostics.push(diagnosticAt(top, `the rule cannot be used: ${read.problem}`));
      continue;
    }
    const { value, diagnostics: problems } = parseRule(source, read.text, pack);
    diagnostics.push(...problems);
    if (value === undefined) continue;
    const twin = fileOf.get(value.id);
    if (twin !== undefined) diagnostics.push(diagnosticAt(top, `${twin} has the id of this rule too`));
    fileOf.set(value.id, source);
    rules.push(value);
  }
  return { rules: rules.toSorted((a, b) => (a.id < b.id ? -1 : 1)), diagnostics };
}

async function listFolders(dir: string): Promise<string[]> {
  return (await listEntries(dir)).filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** None when the folder is missing. */
async function listEntries(dir: string) {
  try {
    return await readdir(dir, { withFileTypes: true });
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return [];
    throw error;
  }
}
