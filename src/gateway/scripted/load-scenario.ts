/**
 * Turns a scenario file into a Scenario, with all its problems at once: shape, labels that lead nowhere, patterns
 * that are none, names that nothing defines. Knows nothing of playing it.
 */
import { basename } from 'node:path';
import type { Diagnostic, Loaded } from '../../yaml/diagnostic.ts';
import { maxConfigurationBytes, readTextFile } from '../../yaml/read-text-file.ts';
import { checkShape } from '../../yaml/yaml-shape.ts';
import { diagnosticAt, readYaml, sortDiagnostics } from '../../yaml/yaml-source.ts';
import { checkScript } from './check-script.ts';
import { type Scenario, scenarioSchema } from './scenario.ts';

/** `file` is how diagnostics name it; default: the file's own name. */
export type ScenarioSource = { path: string; file?: string } | { text: string; file?: string };

/** A file that cannot be read is a diagnostic too. */
export async function loadScenario(from: ScenarioSource): Promise<Loaded<Scenario>> {
  const file = from.file ?? ('path' in from ? basename(from.path) : 'scenario.yaml');
  if ('text' in from) return parseScenario(file, from.text);
  const read = await readTextFile(from.path, maxConfigurationBytes);
  if (read.ok) return parseScenario(file, read.text);
  const message = `the scenario cannot be read: ${read.problem}`;
  return { value: undefined, diagnostics: [diagnosticAt({ file, line: 1, col: 1 }, message)] };
}

function parseScenario(file: string, text: string): Loaded<Scenario> {
  const { source, diagnostics: syntax } = readYaml(file, text);
  if (source === undefined) return { value: undefined, diagnostics: syntax };
  const shape = checkShape(source, scenarioSchema);
  const diagnostics: Diagnostic[] = [...syntax, ...shape.diagnostics];
  for (const [index, script] of (shape.value?.scripts ?? []).entries()) {
    for (const problem of checkScript(script)) {
      diagnostics.push(diagnosticAt(source.locate(['scripts', index, ...problem.path]), problem.message));
    }
  }
  const isUsable = diagnostics.every((diagnostic) => diagnostic.severity !== 'error');
  return { value: isUsable ? shape.value : undefined, diagnostics: sortDiagnostics(diagnostics) };
}
