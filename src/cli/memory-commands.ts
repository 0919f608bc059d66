/** The command line's commands about what is remembered: their names, options and help. */
import type { Command } from 'commander';
import type { RecordOptions } from './commands/memory.ts';
import type { RunCommand } from './run-command.ts';

const loadMemory = () => import('./commands/memory.ts');

export function addMemoryCommands(program: Command, run: RunCommand): void {
  const memory = program.command('memory').description('what is decided, agreed and ruled here');
  memory
    .command('list')
    .description('what holds, is proposed or contested')
    .option('-a, --all', 'what is over too', false)
    .action((options: { all: boolean }) =>
      run(loadMemory, ({ listMemoryCommand }, session) => listMemoryCommand(session, options)),
    );
  memory
    .command('search <text>')
    .description('what has to do with the words')
    .action((text: string) =>
      run(loadMemory, ({ searchMemoryCommand }, session) => searchMemoryCommand(session, text)),
    );
  memory
    .command('show <id>')
    .description('one record: who, when, why, what it replaced, who saw it')
    .action((id: string) =>
      run(loadMemory, ({ showMemoryCommand }, session) => showMemoryCommand(session, id)),
    );
  memory
    .command('record <statement>')
    .description('remember a decision (or a pattern, or a rule)')
    .requiredOption('--topic <topic>', 'at least two words, as in export.timezone')
    .option('--answers <kind>', 'the kind of question that it answers: then agents need not ask')
    .option('--kind <kind>', '`decision`, `pattern` or `rule`', 'decision')
    .option('--scope <scope>', '`mesh`, `team:<flow>`, `item:<number>` or `paths:<glob>,<glob>`', 'mesh')
    .option('--reason <text>', 'why', '')
    .option('--until <date>', 'it holds until then; default: for good')
    .addHelpText(
      'after',
      '\nExample:\n  meshwright memory record "Exports are in UTC." --topic export.timezone --answers requirement_ambiguity',
    )
    .action((statement: string, options: RecordOptions) =>
      run(loadMemory, ({ recordCommand }, session) => recordCommand(session, statement, options)),
    );
  addChangeCommands(memory, run);
}

function addChangeCommands(memory: Command, run: RunCommand): void {
  memory
    .command('supersede <id> <statement>')
    .description('another statement holds in its place')
    .requiredOption('--reason <text>', 'why')
    .action((id: string, statement: string, { reason }: { reason: string }) =>
      run(loadMemory, ({ supersedeCommand }, session) =>
        supersedeCommand(session, { id, statement, why: reason }),
      ),
    );
  memory
    .command('contest <id> <other>')
    .description('the two contradict each other: neither binds until somebody has ruled')
    .option('--reason <text>', 'how', '')
    .action((id: string, other: string, { reason }: { reason: string }) =>
      run(loadMemory, ({ contestCommand }, session) =>
        contestCommand(session, { ids: [id, other], why: reason }),
      ),
    );
  memory
    .command('retire <id>')
    .description('it holds no longer')
    .option('--reason <text>', 'why', '')
    .action((id: string, { reason }: { reason: string }) =>
      run(loadMemory, ({ retireCommand }, session) => retireCommand(session, { id, why: reason })),
    );
}
