/** The command line's commands that look after what is stored: their names, options and help. */
import type { Command } from 'commander';
import type { RetainOptions } from './commands/retain.ts';
import type { RunCommand } from './run-command.ts';

const loadBackup = () => import('./commands/backup.ts');
const loadRetain = () => import('./commands/retain.ts');

export function addKeepingCommands(program: Command, run: RunCommand): void {
  program
    .command('backup [folder]')
    .description('everything that is stored, of all projects, in one folder; workers go on meanwhile')
    .action((folder: string | undefined) =>
      run(loadBackup, ({ backupCommand }, session) => backupCommand(session, folder)),
    );
  program
    .command('restore <folder>')
    .description('bring a backup back into an empty home or database; overwrites nothing')
    .action((folder: string) =>
      run(loadBackup, ({ restoreCommand }, session) => restoreCommand(session, folder)),
    );
  program
    .command('retain')
    .description('delete what ended items of this project held; their events stay')
    .option('--older-than <time>', 'what was stored and last named that long ago, e.g. 90d')
    .option('--item <item>', 'erase what this one ended item holds, however old')
    .option('--dry-run', 'only say what would be deleted', false)
    .action((options: RetainOptions) =>
      run(loadRetain, ({ retainCommand }, session) => retainCommand(session, options)),
    );
}
