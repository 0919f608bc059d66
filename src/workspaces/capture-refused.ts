/** What is in a workspace cannot become a commit: said in sentences that an agent can act on. */
import type { Finding } from '../artifacts/finding.ts';
import { MeshwrightError } from '../base/errors.ts';
import { storableText } from '../base/json.ts';
import { visibleLine } from '../base/visible-text.ts';

/** A finding, and the path that it is about as it is. */
export interface CaptureFinding extends Finding {
  path: string | null;
}

/** Thrown by `Workspace.captureTree`; whoever runs the agent gives it the findings. */
export class CaptureRefused extends MeshwrightError {
  readonly findings: Finding[];
  /** What the findings are about, where that is a file or folder. */
  readonly paths: string[];

  constructor(findings: readonly CaptureFinding[]) {
    const first = findings[0];
    const more = findings.length > 1 ? ` (and ${findings.length - 1} more)` : '';
    super('capture_refused', `${first?.file ?? 'the workspace'}: ${first?.message ?? 'refused'}${more}`, {
      hint: 'Change or remove what the findings name; what git ignores is never taken.',
    });
    this.name = 'CaptureRefused';
    this.findings = findings.map(({ path: _, ...finding }) => finding);
    this.paths = findings.flatMap(({ path }) => (path === null ? [] : [path]));
  }
}

/** Findings beyond this repeat themselves. */
export const shownFindings = 20;

export function captureFinding(file: string | null, message: string): CaptureFinding {
  return {
    source: 'capture',
    message: visibleLine(storableText(message)),
    file: file === null ? null : visibleLine(storableText(file)).slice(0, 500),
    line: null,
    output: null,
    path: file,
  };
}
