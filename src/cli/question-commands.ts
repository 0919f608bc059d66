/** The command line's commands about what people are asked: their names, options and help. */
import type { Command } from 'commander';
import { MeshwrightError } from '../base/errors.ts';
import { answerCommand } from './commands/answer.ts';
import { approveCommand, denyCommand } from './commands/approve.ts';
import { digestCommand } from './commands/digest.ts';
import { type QuestionsOptions, questionsCommand } from './commands/questions.ts';
import type { ExitCode } from './door.ts';
import { parseAsk } from './parse-ask.ts';
import type { Session } from './session.ts';

export function addQuestionCommands(
  program: Command,
  run: (command: (session: Session) => Promise<ExitCode>) => Promise<void>,
): void {
  program
    .command('questions')
    .description('what people are asked and nobody has answered yet')
    .option('--all', 'the settled ones too', false)
    .option('--mine', 'only what is asked of you', false)
    .action((options: QuestionsOptions) => run((session) => questionsCommand(session, options)));
  program
    .command('answer <question> <answer>')
    .description('answer by number or in words: `answer Q-7 2`, "use your judgment", ack, "not mine, <kind>"')
    .action((question: string, answer: string) =>
      run((session) => answerCommand(session, requireAsk(question, 'Q'), answer)),
    );
  program
    .command('approve <approval>')
    .description('yes to exactly the action that it shows, once')
    .option('--hash <hash>', 'of the action that you looked at, at least its first 12 characters')
    .action((approval: string, options: { hash?: string }) =>
      run((session) => approveCommand(session, requireAsk(approval, 'A'), options)),
    );
  program
    .command('deny <approval>')
    .description('no: it is not done, and the agent is told who said so')
    .option('--reason <text>', 'why', '')
    .action((approval: string, options: { reason: string }) =>
      run((session) => denyCommand(session, requireAsk(approval, 'A'), options)),
    );
  program
    .command('digest')
    .description('what was decided by default, what is parked, how long answers take, what the map lacks')
    .option('--since <time>', 'how far back', '7d')
    .action((options: { since: string }) => run((session) => digestCommand(session, options)));
}

/** @throws MeshwrightError `usage`. */
function requireAsk(given: string, letter: 'Q' | 'A'): number {
  const ask = parseAsk(/^\d+$/.test(given.trim()) ? `${letter}-${given.trim()}` : given);
  if (ask?.letter === letter) return ask.number;
  const what = letter === 'Q' ? 'a question' : 'an approval';
  throw new MeshwrightError('usage', `not the name of ${what}: ${given}`, {
    hint: `They are named like ${letter}-7; \`meshwright questions\` lists them.`,
    exitCode: 2,
  });
}
