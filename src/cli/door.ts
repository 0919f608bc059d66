/** The door of the command line: runs one command and turns whatever comes of it into lines and an exit code. */
import { MeshwrightError, messageOf } from '../base/errors.ts';
import type { Terminal } from './terminal.ts';

/** 0 done · 1 failed · 2 usage or configuration · 3 waits for a person · 4 stopped by a ceiling · 5 killed. */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5;

/** The person pressed Ctrl-C or the process was told to end; everything was put down properly. */
export class InterruptedError extends Error {}

export async function passDoor(
  terminal: Terminal,
  options: { isDebug: boolean; logFile: () => string | null },
  command: () => Promise<ExitCode>,
): Promise<ExitCode> {
  try {
    return await command();
  } catch (error) {
    terminal.live('');
    if (error instanceof InterruptedError) {
      terminal.warn('Stopped. Nothing is lost; the same command goes on.');
      return 5;
    }
    report(terminal, error, options);
    return error instanceof MeshwrightError ? error.exitCode : 1;
  }
}

function report(
  terminal: Terminal,
  error: unknown,
  options: { isDebug: boolean; logFile: () => string | null },
): void {
  const isKnown = error instanceof MeshwrightError;
  if (terminal.isJson) {
    terminal.json({
      error: {
        code: isKnown ? error.code : 'internal',
        message: messageOf(error),
        hint: isKnown ? (error.hint ?? null) : null,
      },
    });
  } else if (isKnown) {
    terminal.warn(
      `${terminal.style('red', 'error:')} ${error.message}${error.hint ? `\n  ${error.hint}` : ''}`,
    );
  } else {
    const log = options.logFile();
    terminal.warn(
      `${terminal.style('red', 'error:')} unexpected: ${messageOf(error)}${log ? `\n  details are in ${log}` : ''}`,
    );
  }
  if (options.isDebug && error instanceof Error) terminal.warn(error.stack ?? '');
}
