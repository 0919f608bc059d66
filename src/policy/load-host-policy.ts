/**
 * Reads `$MESHWRIGHT_HOME/host.yaml`: what this machine may spend, over all projects. It is no repository's business, because
 * agents write to repositories. Not being there is fine.
 */
import path from 'node:path';
import { MeshwrightError } from '../base/errors.ts';
import { type Diagnostic, formatDiagnostic } from '../yaml/diagnostic.ts';
import { freezeDeep } from '../yaml/freeze.ts';
import { maxConfigurationBytes, readTextFile } from '../yaml/read-text-file.ts';
import { checkShape } from '../yaml/yaml-shape.ts';
import { diagnosticAt, readYaml, sortDiagnostics } from '../yaml/yaml-source.ts';
import { buildHostPolicy, listHostCeilings } from './build-ceilings.ts';
import { hostFileSchema } from './ceilings-schema.ts';
import type { PolicyRow } from './explain-policy.ts';
import type { HostPolicy } from './policy.ts';

export interface LoadedHostPolicy {
  /** Absent when its file has errors. */
  value: HostPolicy | undefined;
  diagnostics: Diagnostic[];
  /** For `check --explain`. */
  rows: PolicyRow[];
}

/** @throws MeshwrightError `policy_unreadable` when the file is there and the system does not give it out. */
export async function loadHostPolicy(home: string): Promise<LoadedHostPolicy> {
  const file = path.join(home, 'host.yaml');
  const read = await readTextFile(file, maxConfigurationBytes);
  if (!read.ok && read.kind === 'missing') return loaded(buildHostPolicy({}), () => 'default', []);
  if (!read.ok && read.kind === 'unreadable') {
    throw new MeshwrightError('policy_unreadable', `cannot read ${file}: ${read.problem}`, {
      hint: 'Make it a file that is readable for the user that runs meshwright.',
      exitCode: 2,
    });
  }
  if (!read.ok) {
    const problem = `the file cannot be used: ${read.problem}`;
    return broken([diagnosticAt({ file, line: 1, col: 1 }, problem)]);
  }
  const { source, diagnostics } = readYaml(file, read.text);
  if (!source) return broken(diagnostics);
  if (source.value === null) return loaded(buildHostPolicy({}), () => 'default', diagnostics);
  const shape = checkShape(source, hostFileSchema);
  const all = sortDiagnostics([...diagnostics, ...shape.diagnostics]);
  if (!shape.value || all.some((each) => each.severity === 'error')) return broken(all);
  const written: Record<string, unknown> = { ...shape.value.ceilings };
  const sourceOf = (key: string) => {
    const name = key.slice(key.indexOf('.') + 1);
    return written[name] === undefined ? 'default' : `${file}:${source.locate(['ceilings', name]).line}`;
  };
  return loaded(buildHostPolicy(shape.value), sourceOf, all);
}

/** @throws MeshwrightError `configuration_invalid` with every error of the file. */
export function requireHostPolicy({ value, diagnostics }: LoadedHostPolicy): HostPolicy {
  if (value) return value;
  const errors = diagnostics.filter((each) => each.severity === 'error');
  throw new MeshwrightError('configuration_invalid', errors.map(formatDiagnostic).join('\n'), {
    exitCode: 2,
  });
}

function loaded(
  value: HostPolicy,
  sourceOf: (key: string) => string,
  diagnostics: Diagnostic[],
): LoadedHostPolicy {
  const rows = listHostCeilings(value).map(([key, text]) => ({
    key: `host.${key}`,
    value: text,
    source: sourceOf(key),
  }));
  return { value: freezeDeep(value), diagnostics, rows };
}

function broken(diagnostics: Diagnostic[]): LoadedHostPolicy {
  return { value: undefined, diagnostics, rows: [] };
}
