/** How a problem of stakeholders.yaml is put at its place in the file. */
import type { Diagnostic } from '../yaml/diagnostic.ts';
import type { YamlPath } from '../yaml/yaml-source.ts';

/** One problem of a file, at the place of a setting. */
export type Report = (at: YamlPath, message: string) => Diagnostic;

export interface Reports {
  error: Report;
  warning: Report;
  /** At the key of a mapping instead of what it holds. */
  errorAtKey: Report;
}
