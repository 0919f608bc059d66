/** The command line's commands that look after what is stored: their names, options and help. */
import type { Command } from 'commander';
import { backupCommand, restoreCommand } from './commands/backup.ts';
import type { ExitCode } from './door.ts';
import type { Session } from './session.ts';

export function addKeepingCommands(
  program: Command,
  run: (command: (session: Session) => Promise<ExitCode>) => Promise<void>,
): void {
  program
    .command('backup [folder]')
    .description('everything that is stored, of all projects, in one folder; workers go on meanwhile')
    .action((folder: string | undefined) => run((session) => backupCommand(session, folder)));
  program
    .command('restore <folder>')
    .description('bring a backup back into an empty home or database; overwrites nothing')
    .action((folder: string) => run((session) => restoreCommand(session, folder)));
}
