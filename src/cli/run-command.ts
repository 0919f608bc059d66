import type { ExitCode } from './door.ts';
import type { Session } from './session.ts';

/**
 * What the action of a command calls: it loads the module that has the command, and only that, so that a short command starts
 * fast; opens the session; and keeps the exit code.
 */
export type RunCommand = <Commands>(
  load: () => Promise<Commands>,
  command: (commands: Commands, session: Session) => Promise<ExitCode>,
) => Promise<void>;
