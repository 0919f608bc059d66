/** The command line's commands about what people are asked: their names, options and help. */
import type { Command } from 'commander';
import { MeshwrightError } from '../base/errors.ts';
import type { QuestionsOptions } from './commands/questions.ts';
import { parseAsk } from './parse-ask.ts';
import type { RunCommand } from './run-command.ts';

const loadQuestions = () => import('./commands/questions.ts');
const loadAnswer = () => import('./commands/answer.ts');
const loadApprove = () => import('./commands/approve.ts');
const loadDigest = () => import('./commands/digest.ts');

export function addQuestionCommands(program: Command, run: RunCommand): void {
  program
    .command('questions')
    .description('what people are asked and nobody has answered yet')
    .option('--all', 'the settled ones too', false)
    .option('--mine', 'only what is asked of you', false)
    .addHelpText('after', examples('questions --mine', '--json questions --all'))
    .action((options: QuestionsOptions) =>
      run(loadQuestions, ({ questionsCommand }, session) => questionsCommand(session, options)),
    );
  program
    .command('answer <question> <answer...>')
    .description('answer by number or in words: `answer Q-7 2`, "use your judgment", ack, "not mine, <kind>"')
    .addHelpText(
      'after',
      examples(
        'answer Q-7 2',
        'answer Q-7 "2, but only for exports"',
        'answer Q-7 use your judgment',
        'answer Q-7 ack',
        'answer Q-7 "not mine, compliance_question"',
      ),
    )
    .action((question: string, words: string[]) =>
      run(loadAnswer, ({ answerCommand }, session) =>
        answerCommand(session, requireAsk(question, 'Q'), words.join(' ')),
      ),
    );
  program
    .command('approve <approval>')
    .description('yes to exactly the action that it shows, once')
    .option('--hash <hash>', 'of the action that you looked at, at least its first 12 characters')
    .addHelpText('after', examples('approve A-2', 'approve A-2 --hash 67022da0043f'))
    .action((approval: string, options: { hash?: string }) =>
      run(loadApprove, ({ approveCommand }, session) =>
        approveCommand(session, requireAsk(approval, 'A'), options),
      ),
    );
  program
    .command('deny <approval>')
    .description('no: it is not done, and the agent is told who said so')
    .option('--reason <text>', 'why', '')
    .addHelpText('after', examples('deny A-2 --reason "not on a Friday"'))
    .action((approval: string, options: { reason: string }) =>
      run(loadApprove, ({ denyCommand }, session) =>
        denyCommand(session, requireAsk(approval, 'A'), options),
      ),
    );
  program
    .command('digest')
    .description('what was decided by default, what is parked, how long answers take, what the map lacks')
    .option('--since <time>', 'how far back', '7d')
    .addHelpText('after', examples('digest', 'digest --since 12h', '--json digest --since 30d'))
    .action((options: { since: string }) =>
      run(loadDigest, ({ digestCommand }, session) => digestCommand(session, options)),
    );
}

function examples(...commands: readonly string[]): string {
  return ['', 'Examples:', ...commands.map((command) => `  meshwright ${command}`)].join('\n');
}

/** @throws MeshwrightError `usage`. */
function requireAsk(given: string, letter: 'Q' | 'A'): number {
  const ask = parseAsk(/^\d+$/.test(given.trim()) ? `${letter}-${given.trim()}` : given);
  if (ask?.letter === letter) return ask.number;
  const what = letter === 'Q' ? 'a question' : 'an approval';
  const hint =
    ask === null
      ? `They are named like ${letter}-7; \`meshwright questions\` lists them.`
      : letter === 'Q'
        ? `That is an approval: \`meshwright approve ${given}\`, or \`meshwright deny ${given}\`.`
        : `That is a question: \`meshwright answer ${given} …\`.`;
  throw new MeshwrightError('usage', `not the name of ${what}: ${given}`, { hint, exitCode: 2 });
}
