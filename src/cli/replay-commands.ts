/** The command line's commands that work on what has happened: their names, options and help. */
import type { Command } from 'commander';
import { type ForkCommandOptions, forkCommand } from './commands/fork.ts';
import { type ReplayCommandOptions, replayCommand } from './commands/replay.ts';
import { parseItemNumber } from './commands/work.ts';
import type { ExitCode } from './door.ts';
import type { Session } from './session.ts';

export function addReplayCommands(
  program: Command,
  run: (command: (session: Session) => Promise<ExitCode>) => Promise<void>,
): void {
  program
    .command('replay <agent|item>')
    .description('run it again from its tape, without a model: the same requests, artifacts and files?')
    .option('--with-current', 'would the roles and the policy as they are now ask the same?', false)
    .option('--tape-only', 'compare the conversation; run no tool calls', false)
    .action((what: string, options: ReplayCommandOptions) =>
      run((session) => replayCommand(session, what, options)),
    );
  program
    .command('fork <item>')
    .description('a new item that goes on from an earlier moment of this one; this one stays as it is')
    .requiredOption(
      '--at <event>',
      'the last event that holds for it (`log` numbers them), or a step: build/T1',
    )
    .option('--with-current', 'with the roles and the flow as they are now, not as the item pins them', false)
    .action((item: string, options: ForkCommandOptions) =>
      run((session) => forkCommand(session, parseItemNumber(item), options)),
    );
}
