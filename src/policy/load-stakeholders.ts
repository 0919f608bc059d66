/**
 * Reads `.mesh/stakeholders.yaml` and makes the frozen Stakeholders of it, with every problem of the file at once. Not being
 * there is fine: then nobody is named, and whoever may run commands decides.
 */
import path from 'node:path';
import { MeshwrightError } from '../base/errors.ts';
import type { Diagnostic, Loaded } from '../yaml/diagnostic.ts';
import { maxConfigurationBytes, readTextFile } from '../yaml/read-text-file.ts';
import { checkShape } from '../yaml/yaml-shape.ts';
import { diagnosticAt, readYaml, sortDiagnostics } from '../yaml/yaml-source.ts';
import { buildStakeholders } from './build-stakeholders.ts';
import { findStakeholderProblems } from './find-stakeholder-problems.ts';
import { unwrittenStakeholders } from './no-stakeholders.ts';
import type { Stakeholders } from './stakeholders.ts';
import { stakeholdersSchema } from './stakeholders-schema.ts';

/** Relative to the repository. */
export const stakeholdersFile = '.mesh/stakeholders.yaml';

/** @throws MeshwrightError `policy_unreadable` when the file is there and the system does not give it out. */
export async function loadStakeholders(repoDir: string): Promise<Loaded<Stakeholders>> {
  const file = path.join(repoDir, stakeholdersFile);
  const read = await readTextFile(file, maxConfigurationBytes);
  if (read.ok) return parseStakeholders(read.text);
  switch (read.kind) {
    case 'missing':
      return { value: unwrittenStakeholders, diagnostics: [] };
    case 'too_large':
    case 'not_text': {
      const top = { file: stakeholdersFile, line: 1, col: 1 };
      return {
        value: undefined,
        diagnostics: [diagnosticAt(top, `the file cannot be used: ${read.problem}`)],
      };
    }
    case 'unreadable':
      throw new MeshwrightError('policy_unreadable', `cannot read ${file}: ${read.problem}`, {
        hint: 'Make it a file that is readable for the user that runs meshwright.',
        exitCode: 2,
      });
  }
}

/** Pure; the whole of the file. */
export function parseStakeholders(text: string): Loaded<Stakeholders> {
  const { source, diagnostics } = readYaml(stakeholdersFile, text);
  if (!source) return { value: undefined, diagnostics: diagnostics.map(remindOfQuotes) };
  const shape = checkShape(source, stakeholdersSchema);
  const isSound = shape.value !== undefined;
  const semantic = shape.usable ? findStakeholderProblems(shape.usable, source, { isSound }) : [];
  const all = sortDiagnostics([...diagnostics, ...shape.diagnostics.map(remindOfQuotes), ...semantic]);
  const isUsable = shape.value && !all.some((each) => each.severity === 'error');
  return { value: isUsable && shape.value ? buildStakeholders(shape.value) : undefined, diagnostics: all };
}

/** The two signs that people write most here mean something else in YAML. */
function remindOfQuotes(problem: Diagnostic): Diagnostic {
  const { message } = problem;
  if (message.endsWith('reserved character @'))
    return { ...problem, message: `${message}; write handles in quotes: "@sarah-pm"` };
  if (message.includes('.channel` has no value'))
    return { ...problem, message: `${message}; a bare # begins a comment: write "#product-questions"` };
  return problem;
}
