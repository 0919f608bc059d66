/**
 * The one error class that people see: what happened, to what, what to do next. Thrown for conditions the
 * caller cannot go on from; expected outcomes (a ceiling reached, a gate failed) are values instead.
 * Every `code` is stable and listed in docs/errors.md.
 */
export class MeshwrightError extends Error {
  readonly code: string;
  /** What the person should do next, one sentence. */
  readonly hint: string | undefined;
  /** Process exit code at the CLI: 1 failed, 2 usage or configuration. */
  readonly exitCode: 1 | 2;

  constructor(
    code: string,
    message: string,
    options: { hint?: string; exitCode?: 1 | 2; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'MeshwrightError';
    this.code = code;
    this.hint = options.hint;
    this.exitCode = options.exitCode ?? 1;
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
