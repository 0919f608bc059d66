/** The command line's commands that work on what has happened: their names, options and help. */
import type { Command } from 'commander';
import type { ForkCommandOptions } from './commands/fork.ts';
import type { ReplayCommandOptions } from './commands/replay.ts';
import { parseItemNumber } from './parse-arguments.ts';
import type { RunCommand } from './run-command.ts';

const loadReplay = () => import('./commands/replay.ts');
const loadFork = () => import('./commands/fork.ts');

export function addReplayCommands(program: Command, run: RunCommand): void {
  program
    .command('replay <agent|item>')
    .description('run it again from its tape, without a model: the same requests, artifacts and files?')
    .option('--with-current', 'would the roles and the policy as they are now ask the same?', false)
    .option('--tape-only', 'compare the conversation; run no tool calls', false)
    .action((what: string, options: ReplayCommandOptions) =>
      run(loadReplay, ({ replayCommand }, session) => replayCommand(session, what, options)),
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
      run(loadFork, ({ forkCommand }, session) => forkCommand(session, parseItemNumber(item), options)),
    );
}
