/** The command line's commands that hold work and let it go on: their names, options and help. */
import type { Command } from 'commander';
import type { ResumeOptions } from './commands/control.ts';
import type { RunCommand } from './run-command.ts';

const loadControl = () => import('./commands/control.ts');

const what = 'mesh, cluster:<name>, the number of an item, or agent:<item>/<step>';

export function addControlCommands(program: Command, run: RunCommand): void {
  const add = (name: string, description: string) =>
    program.command(`${name} <what>`).description(`${description} (${what})`);
  add('pause', 'let the call under way end, then hold').action((given: string) =>
    run(loadControl, ({ controlCommand }, session) => controlCommand(session, given, 'paused')),
  );
  add('stop', 'let the step under way end, then begin nothing').action((given: string) =>
    run(loadControl, ({ controlCommand }, session) => controlCommand(session, given, 'stopped')),
  );
  add('kill', 'end everything now, calls and commands too; files are kept').action((given: string) =>
    run(loadControl, ({ controlCommand }, session) => controlCommand(session, given, 'killed')),
  );
  add('resume', 'go on with what was paused, stopped or killed')
    .option('--ceiling-usd <amount>', 'with a higher ceiling, also of `cluster:<name>`, `mesh` or `host`')
    .option('--window <window>', 'of the cluster, the mesh or the host: `day` or `month`', 'day')
    .action((given: string, options: ResumeOptions) =>
      run(loadControl, ({ resumeCommand }, session) => resumeCommand(session, given, options)),
    );
}
