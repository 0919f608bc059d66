/** The command line: names, options and help. What the commands do is in commands/; errors become exit codes in door.ts. */
import { userInfo } from 'node:os';
import { Command, CommanderError } from 'commander';
import { MeshwrightError } from '../base/errors.ts';
import { meshwrightHome } from '../base/home.ts';
import { openLog } from '../base/log.ts';
import { providerKeys } from '../gateway/provider-settings.ts';
import { personHandle } from '../requests/person-handle.ts';
import { createSecretKeeper } from '../secrets/held-secrets.ts';
import type { TakeoverOptions } from './commands/takeover.ts';
import { addControlCommands } from './control-commands.ts';
import { addDoctorCommands } from './doctor-commands.ts';
import { type ExitCode, passDoor } from './door.ts';
import { addKeepingCommands } from './keeping-commands.ts';
import { addMemoryCommands } from './memory-commands.ts';
import { packageVersion } from './package-version.ts';
import { parseItemNumber } from './parse-arguments.ts';
import { addQuestionCommands } from './question-commands.ts';
import { addReadCommands } from './read-commands.ts';
import { addReplayCommands } from './replay-commands.ts';
import type { RunCommand } from './run-command.ts';
import type { Session } from './session.ts';
import { createTerminal } from './terminal.ts';

const loadInit = () => import('./commands/init.ts');
const loadCheck = () => import('./commands/check.ts');
const loadDemo = () => import('./commands/demo.ts');
const loadDrill = () => import('./commands/drill.ts');
const loadAdd = () => import('./commands/add.ts');
const loadWork = () => import('./commands/work.ts');
const loadTakeover = () => import('./commands/takeover.ts');

interface GlobalOptions {
  dir: string;
  json: boolean;
  debug: boolean;
}

/** Runs one command line; resolves to its exit code. */
export async function runProgram(argv: readonly string[]): Promise<number> {
  let exitCode: number = 0;
  const program = new Command('meshwright')
    .description('Teams of AI agents that plan, build, test, review and ship software, under your policy.')
    .version(packageVersion())
    .option('-C, --dir <dir>', 'work as if called there', process.cwd())
    .option('--json', 'print JSON', false)
    .option('--debug', 'print stack traces', false)
    .configureOutput({ outputError: () => {} })
    .configureHelp({ showGlobalOptions: true })
    .exitOverride();
  const run: RunCommand = async (load, command) => {
    const name = argv.find((each) => !each.startsWith('-')) ?? 'meshwright';
    exitCode = await runInSession(program.opts<GlobalOptions>(), name, async (session) =>
      command(await load(), session),
    );
  };
  addSetupCommands(program, run);
  addWorkCommands(program, run);
  addControlCommands(program, run);
  addTakeoverCommands(program, run);
  addQuestionCommands(program, run);
  addMemoryCommands(program, run);
  addReadCommands(program, run);
  addDoctorCommands(program, run);
  addKeepingCommands(program, run);
  addReplayCommands(program, run);
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and version come this way too, and so does the help that an empty command line gets.
    if (error.exitCode === 0) return 0;
    if (error.code === 'commander.help') return 2;
    const known = program.commands.map((command) => command.name());
    return refuseUsage(error.message, { known, argv, isJson: program.opts<GlobalOptions>().json });
  }
  return exitCode;
}

/** One line and one hint, as every other error; `--json` as JSON. */
async function refuseUsage(
  message: string,
  options: { known: readonly string[]; argv: readonly string[]; isJson: boolean },
): Promise<number> {
  const { env } = process;
  const terminal = createTerminal({
    out: process.stdout,
    err: process.stderr,
    isJson: options.isJson || options.argv.includes('--json'),
    env,
  });
  const text = message.replace(/^error: /, '').replace(/\n\(Did you mean (.+)\?\)$/, '; did you mean `$1`?');
  const command = options.argv.find((each) => options.known.includes(each));
  const hint = command
    ? `\`meshwright ${command} --help\` says what it takes.`
    : '`meshwright --help` lists the commands.';
  return passDoor(terminal, { isDebug: false, logFile: () => null }, () => {
    throw new MeshwrightError('usage', text, { hint, exitCode: 2 });
  });
}

async function runInSession(
  options: GlobalOptions,
  name: string,
  command: (session: Session) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { env } = process;
  const keeper = createSecretKeeper();
  for (const secret of providerKeys(env)) keeper.add(secret);
  const { redact } = keeper.redactor;
  const { stdout: out, stderr: err } = process;
  const terminal = createTerminal({ out, err, isJson: options.json, env, redact });
  const door = { isDebug: options.debug, logFile: () => null as string | null };
  return passDoor(terminal, door, async () => {
    const log = openLog({
      home: meshwrightHome(env, process.platform),
      level: 'info',
      command: name,
      redact,
    });
    door.logFile = () => log.file;
    try {
      return await command({
        terminal,
        env,
        dir: options.dir,
        log,
        keeper,
        person: personHandle(personName(env)),
      });
    } catch (error) {
      log.error('command failed', { err: error });
      throw error;
    } finally {
      await log.close();
    }
  });
}

function addSetupCommands(program: Command, run: RunCommand): void {
  program
    .command('init [dir]')
    .description('write .mesh/ for a repository and record how its checks stand on HEAD')
    .option('--no-baseline', 'do not run the checks')
    .option('--agent <name>', 'seat a coding agent that you have installed: claude-code or opencode')
    .action((dir: string | undefined, options: { baseline: boolean; agent?: string }) =>
      run(loadInit, ({ initCommand }, session) => initCommand(dir ? { ...session, dir } : session, options)),
    );
  program
    .command('check [dir]')
    .description('check every file under .mesh/ and what they need')
    .option('--explain', 'print the effective policy and where each value comes from', false)
    .action((dir: string | undefined, options: { explain: boolean }) =>
      run(loadCheck, ({ checkCommand }, session) =>
        checkCommand(dir ? { ...session, dir } : session, options),
      ),
    );
  program
    .command('demo')
    .description('the whole thing on a sample repository, with a scripted model and no key')
    .option('--into <folder>', 'where to put the sample (default: ~/meshwright-demo)')
    .action((options: { into?: string }) =>
      run(loadDemo, ({ demoCommand }, session) => demoCommand(session, options)),
    );
  program
    .command('drill')
    .description('pretended spend down every way there is, against every kind of ceiling: does each hold?')
    .option('--quick', 'each way and each kind of ceiling once, not each with each', false)
    .action((options: { quick: boolean }) =>
      run(loadDrill, ({ drillCommand }, session) => drillCommand(session, options)),
    );
}

function addWorkCommands(program: Command, run: RunCommand): void {
  const collect = (value: string, all: string[]) => [...all, value];
  program
    .command('add <brief>')
    .description('put a brief in: a markdown file, `-` for standard input, or the text itself')
    .option('--criteria <text>', 'a success criterion (repeatable)', collect, [])
    .option('--plan <file>', 'your own plan (JSON) instead of a planner')
    .option('--flow <name>', 'another flow than the policy says')
    .option('--dry-run', 'show what would happen; calls nothing', false)
    .action((brief: string, options) =>
      run(loadAdd, ({ addCommand }, session) => addCommand(session, brief, options)),
    );
  program
    .command('run')
    .description('work on the queue in the foreground')
    .option('--until-idle', 'end when nothing can go on without a person', false)
    .option('-v, --verbose', 'show model and tool calls', false)
    .action((options) => run(loadWork, ({ runCommand }, session) => runCommand(session, options)));
  program
    .command('accept <item>')
    .description('land what is ready')
    .action((item: string) =>
      run(loadWork, ({ acceptCommand }, session) => acceptCommand(session, parseItemNumber(item))),
    );
  for (const kind of ['reject', 'cancel'] as const) {
    program
      .command(`${kind} <item>`)
      .description(
        kind === 'reject' ? 'refuse what is ready; its branch is kept' : 'end an item; its branch is kept',
      )
      .option('--reason <text>', 'why', '')
      .action((item: string, { reason }: { reason: string }) =>
        run(loadWork, ({ askCommand }, session) =>
          askCommand(session, parseItemNumber(item), { kind, by: session.person, reason }),
        ),
      );
  }
}

function addTakeoverCommands(program: Command, run: RunCommand): void {
  program
    .command('takeover <item>')
    .description('work on an item yourself: agents stop, you get a clone and what was found')
    .option('--to <person>', 'hand it to somebody else')
    .option('--into <folder>', 'where to put the clone (default: beside the repository)')
    .action((item: string, options: TakeoverOptions) =>
      run(loadTakeover, ({ takeoverCommand }, session) =>
        takeoverCommand(session, parseItemNumber(item), options),
      ),
    );
  program
    .command('handback <item>')
    .description('give it back with what you committed; the flow judges it and goes on')
    .option('--from <folder>', 'where the clone is now')
    .option('--note <text>', 'what the next agents should know; needs no commit')
    .option('--abandon', 'give it back as it was, without your commits', false)
    .action((item: string, options) =>
      run(loadTakeover, ({ handbackCommand }, session) =>
        handbackCommand(session, parseItemNumber(item), options),
      ),
    );
}

function personName(env: NodeJS.ProcessEnv): string {
  try {
    return env.MESHWRIGHT_PERSON || userInfo().username;
  } catch {
    return env.USER || 'unknown';
  }
}
