/** The command that lists what people are asked. One question or approval as a whole is shown in show-ask.ts. */
import { handleOf } from '../../policy/handle.ts';
import { personOf } from '../../policy/route-of.ts';
import { type ApprovalRow, viewApprovals } from '../../views/approval-view.ts';
import { localDue, localTime, type Moment } from '../../views/local-time.ts';
import { type QuestionFacts, type QuestionRow, viewQuestions } from '../../views/question-view.ts';
import type { ExitCode } from '../door.ts';
import { questionFacts } from '../question-facts.ts';
import { type Session, withProject } from '../session.ts';
import type { Terminal } from '../terminal.ts';

export interface QuestionsOptions {
  all: boolean;
  mine: boolean;
}

export async function questionsCommand(session: Session, options: QuestionsOptions): Promise<ExitCode> {
  const { terminal } = session;
  return withProject<ExitCode>(session, { willWork: false, for: 'anybody' }, async (project) => {
    const { journal } = project.store;
    const wanted = { isOpenOnly: !options.all };
    const facts = questionFacts(project);
    const isTheirs = options.mine ? mineOf(facts) : () => true;
    const asked = await viewQuestions(journal, project.project, { ...wanted, ...facts });
    const questions = asked.questions.filter(({ addressee }) =>
      isTheirs(addressee === null ? [] : [addressee]),
    );
    const requested = await viewApprovals(journal, project.project, wanted);
    const approvals = requested.approvals.filter(({ told }) => isTheirs(told));
    const unreadable = [...asked.unreadable, ...requested.unreadable];
    if (terminal.isJson) {
      terminal.json({ questions, approvals, unreadable });
      return 0;
    }
    if (questions.length + approvals.length + unreadable.length === 0) {
      const hint = options.all ? '' : ' `--all` shows the settled ones.';
      terminal.line(`Nothing is asked${options.mine ? ` of ${handleOf(session.person)}` : ''}.${hint}`);
    }
    for (const row of questions) printQuestionRow(terminal, row, facts);
    for (const row of approvals) printApprovalRow(terminal, row, facts);
    if (questions.some(({ isOverdue }) => isOverdue))
      terminal.line('What is overdue follows as soon as `meshwright run` works.');
    for (const { problem } of unreadable) terminal.warn(`not shown: ${problem}`);
    return 0;
  });
}

/** Asked of this person, or of somebody whose deputy they are. Where nobody is named, everything is everybody's. */
function mineOf({ stakeholders, reader }: QuestionFacts): (asked: readonly string[]) => boolean {
  return (asked) =>
    !stakeholders.isWritten ||
    asked.some((handle) => handle === reader || personOf(stakeholders, handle).deputy === reader);
}

/** `Q-7  @sarah-pm  export times: 1 UTC (default) · 2 local`, and below it until when, and for whom. */
function printQuestionRow(terminal: Terminal, row: QuestionRow, moment: Moment): void {
  const whom = row.addressee ?? 'nobody';
  const name = terminal.style(row.isOpen ? 'bold' : 'dim', row.question);
  terminal.line(`${name}  ${terminal.style('cyan', whom)}  ${row.line}`);
  const below = row.isOpen ? openFacts(row, moment) : settledFacts(row);
  terminal.line(terminal.style('dim', `      ${below.join(' · ')}`));
}

function openFacts(row: QuestionRow, moment: Moment): string[] {
  return [
    ...marksOf(row),
    row.kind,
    `asked ${localTime(row.askedAt, moment)}`,
    ...(row.dueAt === null ? [] : [`due ${localDue(row.dueAt, moment)}`]),
    ...itemsOf(row),
    row.consequence,
  ];
}

function settledFacts(row: QuestionRow): string[] {
  const flag = row.isFlagged ? `not reviewed: \`meshwright answer ${row.question} …\` overturns it` : null;
  return [
    row.outcome ?? row.status,
    ...(row.decision === null ? [] : [row.decision]),
    ...itemsOf(row),
    ...(flag === null ? [] : [flag]),
  ];
}

/** What sets it apart from one that simply waits for its answer. */
function marksOf({ mode, status, isInOrder }: QuestionRow): string[] {
  return [
    ...(mode === 'block' ? ['BLOCKS the cluster'] : []),
    ...(mode === 'park' ? ['parked'] : []),
    ...(status === 'unrouted' ? ['UNROUTED, its kind has no route'] : []),
    ...(isInOrder ? ['nobody told yet: waits in order'] : []),
  ];
}

function itemsOf({ items }: QuestionRow): string[] {
  return items.length === 0 ? [] : [items.map((item) => `#${item}`).join(' ')];
}

function printApprovalRow(terminal: Terminal, row: ApprovalRow, moment: Moment): void {
  const whom = row.told.length === 0 ? 'nobody yet' : row.told.join(', ');
  const name = terminal.style(row.isOpen ? 'bold' : 'dim', row.approval);
  terminal.line(`${name}  ${terminal.style('cyan', whom)}  may it ${row.line}?`);
  const facts = [
    row.status,
    `tier ${row.tier}`,
    `${row.approvedBy.length} of ${row.peopleCount} yes`,
    ...(row.isOpen ? [`until ${localTime(row.expiresAt, moment)}`] : []),
    `#${row.item}`,
  ];
  terminal.line(terminal.style('dim', `      ${facts.join(' · ')}`));
}
