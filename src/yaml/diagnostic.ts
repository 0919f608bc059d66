/** One problem in a file a person wrote, with the place to look at. Loaders return `{ value, diagnostics }`. */
import { visibleLine } from '../base/visible-text.ts';

export interface Diagnostic {
  severity: 'error' | 'warning';
  /** Path as the person would type it, relative to the repository. */
  file: string;
  /** 1-based. */
  line: number;
  /** 1-based. */
  col: number;
  message: string;
}

/** `file:line:col message`, the form editors and people jump to; one line, whatever the file quotes. */
export function formatDiagnostic(d: Diagnostic): string {
  return visibleLine(
    `${d.file}:${d.line}:${d.col} ${d.severity === 'warning' ? 'warning: ' : ''}${d.message}`,
  );
}

export interface Loaded<T> {
  /** Absent when an error diagnostic makes it unusable. */
  value: T | undefined;
  diagnostics: Diagnostic[];
}
