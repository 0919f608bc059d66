/** The command line's commands that only show what is there: their names, options and help. */
import { type Command, Option } from 'commander';
import { type CostGrouping, costGroupings } from '../views/cost-grouping.ts';
import { parseEventNumber, parseItemNumber } from './parse-arguments.ts';
import { parseAsk } from './parse-ask.ts';
import type { RunCommand } from './run-command.ts';

const loadMemory = () => import('./commands/memory.ts');
const loadShowAsk = () => import('./commands/show-ask.ts');
const loadRead = () => import('./commands/read.ts');

const logTakes = 'Give an item (2), a question (Q-7) or an approval (A-2).';
const showTakes = 'Give an item (2), a question (Q-7), an approval (A-2) or a decision (D-3).';

export function addReadCommands(program: Command, run: RunCommand): void {
  program
    .command('status')
    .description('every item, what it does and what it waits for')
    .action(() => run(loadRead, ({ statusCommand }, session) => statusCommand(session)));
  program
    .command('show <what>')
    .description(
      'one item: steps, gates, artifacts, money; or a question (Q-7), an approval (A-2), a decision (D-3)',
    )
    .option('--at <event>', 'an item as it was after that event; `log` numbers them')
    .action((what: string, { at }: { at?: string }) => show(run, what, at));
  program
    .command('log <what>')
    .description('what happened to an item, a question or an approval, in order')
    .option('-f, --follow', 'and what happens next', false)
    .option('-a, --all', 'model and tool calls too', false)
    .action((what: string, options) => {
      const ask = parseAsk(what);
      return ask
        ? run(loadShowAsk, ({ logAskCommand }, session) => logAskCommand(session, ask))
        : run(loadRead, ({ logCommand }, session) =>
            logCommand(session, parseItemNumber(what, logTakes), options),
          );
    });
  program
    .command('diff <item>')
    .description('what the item changes')
    .action((item: string) =>
      run(loadRead, ({ diffCommand }, session) => diffCommand(session, parseItemNumber(item))),
    );
  program
    .command('cost')
    .description('who spent what')
    .addOption(new Option('--by <what>', 'grouping').choices([...costGroupings]).default('role'))
    .action(({ by }: { by: CostGrouping }) =>
      run(loadRead, ({ costCommand }, session) => costCommand(session, by)),
    );
}

function show(run: RunCommand, what: string, at: string | undefined): Promise<void> {
  const ask = parseAsk(what);
  if (ask?.letter === 'Q')
    return run(loadShowAsk, ({ showQuestionCommand }, session) => showQuestionCommand(session, ask.number));
  if (ask?.letter === 'A')
    return run(loadShowAsk, ({ showApprovalCommand }, session) => showApprovalCommand(session, ask.number));
  if (/^(?:[\w.-]+\/[\w.-]+|[DPR]-\d+)$/.test(what))
    return run(loadMemory, ({ showMemoryCommand }, session) => showMemoryCommand(session, what));
  return run(loadRead, ({ showCommand }, session) =>
    showCommand(session, parseItemNumber(what, showTakes), at === undefined ? null : parseEventNumber(at)),
  );
}
