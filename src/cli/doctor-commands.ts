/** The commands that look after what is stored: names, options and help. */
import type { Command } from 'commander';
import type { DoctorOptions } from './commands/doctor.ts';
import type { ExportOptions } from './commands/export.ts';
import type { RunCommand } from './run-command.ts';

const loadDoctor = () => import('./commands/doctor.ts');
const loadExport = () => import('./commands/export.ts');

export function addDoctorCommands(program: Command, run: RunCommand): void {
  program
    .command('doctor')
    .description('is everything there that the work needs, and does anything lie about that nobody owns?')
    .option(
      '--verify [export]',
      'check every event, blob and account: of the database, or of an exported file',
      false,
    )
    .option('--against <kept>', 'is the journal still what this seal or exported file says?')
    .option('--fix', 'end what nobody owns any more', false)
    .option('--bundle [file]', 'write a report for somebody who helps, without secrets and content')
    .action((options: DoctorOptions) =>
      run(loadDoctor, ({ doctorCommand }, session) => doctorCommand(session, options)),
    );
  program
    .command('export <file>')
    .description('write the journal to a file that shows any later change; `-` for standard output')
    .option('--project <name>', 'this project only')
    .option('--blobs', 'with the stored bytes: briefs, prompts, replies', false)
    .action((file: string, options: ExportOptions) =>
      run(loadExport, ({ exportCommand }, session) => exportCommand(session, file, options)),
    );
}
