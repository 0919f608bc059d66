/**
 * Reads `.mesh/mesh.yaml` and makes the frozen Policy of it, with every problem of the file at once. Does not know
 * which models have a price (the ledger does) or which flows exist (teams/ does); `locate` lets them point here.
 */
import path from 'node:path';
import { MeshwrightError } from '../base/errors.ts';
import type { Loaded } from '../yaml/diagnostic.ts';
import { maxConfigurationBytes, readTextFile, type TextFile } from '../yaml/read-text-file.ts';
import { checkShape } from '../yaml/yaml-shape.ts';
import {
  diagnosticAt,
  type Position,
  readYaml,
  sortDiagnostics,
  type YamlPath,
} from '../yaml/yaml-source.ts';
import { buildPolicy } from './build-policy.ts';
import { unshownSources } from './channels-schema.ts';
import { findPolicyProblems } from './find-policy-problems.ts';
import { meshSchema } from './mesh-schema.ts';
import type { Policy } from './policy.ts';
import type { PolicyDefaults } from './policy-defaults.ts';
import { saysWhere } from './secrets-schema.ts';

export type { PolicyDefaults };

/** Relative to the repository. */
export const meshFile = '.mesh/mesh.yaml';

export interface LoadedPolicy extends Loaded<Policy> {
  /**
   * Place of a setting as the file spells it: `models.default`, `team.seats.developer`, `checks[1].run`; as a list
   * of steps where a key contains dots: `['prices', 'some-model-1.5']`. Of its parent where it is not written.
   */
  locate(setting: string | YamlPath): Position;
  /** False: the setting is a default. */
  isWritten(setting: string | YamlPath): boolean;
}

/** Never throws for what the file says. */
export async function loadPolicy(
  repoDir: string,
  options: { defaults: PolicyDefaults },
): Promise<LoadedPolicy> {
  const top: Position = { file: meshFile, line: 1, col: 1 };
  const nowhere = { value: undefined, locate: () => top, isWritten: () => false };
  const file = path.join(repoDir, meshFile);
  const read = await readTextFile(file, maxConfigurationBytes);
  if (!read.ok) return { ...nowhere, diagnostics: [diagnosticAt(top, explainUnread(file, read))] };
  const { source, diagnostics } = readYaml(meshFile, read.text);
  if (!source) return { ...nowhere, diagnostics };
  const locate = (setting: string | YamlPath) => source.locate(parseSetting(setting));
  const isWritten = (setting: string | YamlPath) => hasValue(source.value, parseSetting(setting));
  if (source.value === null) {
    const message = 'the file is empty; it needs at least `version: 1` (`meshwright init` writes a full one)';
    return { ...nowhere, diagnostics: [diagnosticAt(top, message)] };
  }
  const shape = checkShape(source, meshSchema, { unshown: { secrets: saysWhere, ...unshownSources } });
  const semantic = shape.usable
    ? await findPolicyProblems(shape.usable, source, { repoDir, isSound: shape.value !== undefined })
    : [];
  const all = sortDiagnostics([...diagnostics, ...shape.diagnostics, ...semantic]);
  const isUsable = shape.value && !all.some((each) => each.severity === 'error');
  const value = isUsable && shape.value ? buildPolicy(shape.value, options.defaults) : undefined;
  return { value, diagnostics: all, locate, isWritten };
}

/** `checks[1].run` → `['checks', 1, 'run']`. */
function parseSetting(setting: string | YamlPath): YamlPath {
  if (typeof setting !== 'string') return setting;
  return [...setting.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map((match) =>
    match[1] === undefined ? match[0] : Number(match[1]),
  );
}

function hasValue(root: unknown, steps: YamlPath): boolean {
  let value = root;
  for (const step of steps) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, step)) return false;
    value = (value as Record<PropertyKey, unknown>)[step];
  }
  return true;
}

/** @throws MeshwrightError `policy_unreadable` when the file is there and the system does not give it out. */
function explainUnread(file: string, read: Extract<TextFile, { ok: false }>): string {
  switch (read.kind) {
    case 'missing':
      return 'there is no such file; run `meshwright init` to make one for this project';
    case 'too_large':
    case 'not_text':
      return `the file cannot be used: ${read.problem}`;
    case 'unreadable':
      throw new MeshwrightError('policy_unreadable', `cannot read ${file}: ${read.problem}`, {
        hint: 'Make it a file that is readable for the user that runs meshwright.',
        exitCode: 2,
      });
  }
}
