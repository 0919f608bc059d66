/** The commands that read what people are asked: questions, and show and log of one question or approval. */
import { formatDuration } from '../../base/duration.ts';
import type { StoredEvent } from '../../journal/event.ts';
import { handleOf } from '../../policy/handle.ts';
import { personOf } from '../../policy/route-of.ts';
import { describeAnswer } from '../../questions/judge-answer.ts';
import { type ApprovalRow, viewApproval, viewApprovals } from '../../views/approval-view.ts';
import { requireStakeholders } from '../../views/configuration.ts';
import { describeEvent } from '../../views/describe-event.ts';
import { clockTime, refusalReasons } from '../../views/describe-question.ts';
import {
  type QuestionFacts,
  type QuestionReport,
  type QuestionRow,
  viewQuestion,
  viewQuestions,
} from '../../views/question-view.ts';
import type { ExitCode } from '../door.ts';
import { type ProjectSession, type Session, withProject } from '../session.ts';
import { printEventLine, type Terminal } from '../terminal.ts';

export interface QuestionsOptions {
  all: boolean;
  mine: boolean;
}

export async function questionsCommand(session: Session, options: QuestionsOptions): Promise<ExitCode> {
  const { terminal } = session;
  return withProject<ExitCode>(session, { willWork: false, for: 'anybody' }, async (project) => {
    const { journal } = project.store;
    const wanted = { isOpenOnly: !options.all };
    const isTheirs = options.mine ? mineOf(project) : () => true;
    const questions = (
      await viewQuestions(journal, project.project, { ...wanted, ...factsOf(project) })
    ).filter(({ addressee }) => isTheirs(addressee === null ? [] : [addressee]));
    const approvals = (await viewApprovals(journal, project.project, wanted)).filter(({ told }) =>
      isTheirs(told),
    );
    if (terminal.isJson) {
      terminal.json({ questions, approvals });
      return 0;
    }
    if (questions.length + approvals.length === 0) {
      const hint = options.all ? '' : ' `--all` shows the settled ones.';
      terminal.line(`Nothing is asked${options.mine ? ` of ${handleOf(session.person)}` : ''}.${hint}`);
    }
    for (const row of questions) printQuestionRow(terminal, row);
    for (const row of approvals) printApprovalRow(terminal, row);
    return 0;
  });
}

/** Asked of this person, or of somebody whose deputy they are. Where nobody is named, everything is everybody's. */
function mineOf(project: ProjectSession): (asked: readonly string[]) => boolean {
  const { stakeholders } = factsOf(project);
  const me = handleOf(project.person);
  return (asked) =>
    !stakeholders.isWritten ||
    asked.some((handle) => handle === me || personOf(stakeholders, handle).deputy === me);
}

function factsOf({ configuration }: ProjectSession): QuestionFacts {
  return { stakeholders: requireStakeholders(configuration), nowMs: Date.now() };
}

/** `Q-7  @sarah-pm  export times: 1 UTC (default) · 2 local`, and below it until when, and for whom. */
function printQuestionRow(terminal: Terminal, row: QuestionRow): void {
  const whom = row.addressee ?? 'nobody';
  const name = terminal.style(row.isOpen ? 'bold' : 'dim', row.question);
  terminal.line(`${name}  ${terminal.style('cyan', whom)}  ${row.line}`);
  const below = row.isOpen ? openFacts(row) : settledFacts(row);
  terminal.line(terminal.style('dim', `      ${below.join(' · ')}`));
}

function openFacts(row: QuestionRow): string[] {
  return [...marksOf(row), row.kind, `asked ${clockTime(row.askedAt)}`, ...itemsOf(row), row.consequence];
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

function printApprovalRow(terminal: Terminal, row: ApprovalRow): void {
  const whom = row.told.length === 0 ? 'nobody yet' : row.told.join(', ');
  const name = terminal.style(row.isOpen ? 'bold' : 'dim', row.approval);
  terminal.line(`${name}  ${terminal.style('cyan', whom)}  may it ${row.line}?`);
  const facts = [
    row.status,
    `tier ${row.tier}`,
    `${row.approvedBy.length} of ${row.peopleCount} yes`,
    ...(row.isOpen ? [`until ${dayAndTime(row.expiresAt)}`] : []),
    `#${row.item}`,
  ];
  terminal.line(terminal.style('dim', `      ${facts.join(' · ')}`));
}

export async function showQuestionCommand(session: Session, number: number): Promise<ExitCode> {
  const { terminal } = session;
  return withProject<ExitCode>(session, { willWork: false, for: 'anybody' }, async (project) => {
    const { report } = await viewQuestion(project.store.journal, project.project, number, factsOf(project));
    if (terminal.isJson) terminal.json(report);
    else for (const line of describeReport(report)) terminal.line(line);
    return 0;
  });
}

/** Everything that somebody needs who knows nothing of the work so far, then what happened. */
function describeReport(report: QuestionReport): string[] {
  return [
    `${report.question} ${report.title} · ${report.isOpen ? `waits for ${report.addressee ?? 'a route'}` : report.status}`,
    `${report.kind} about ${report.topic}, for ${report.scope}`,
    ...textLines(report),
    ...routeLines(report),
    ...report.asks.map(
      ({ to, at, why }) => `asked: ${to} at ${dayAndTime(at)} (${why.replaceAll('_', ' ')})`,
    ),
    ...(report.acknowledgedBy === null ? [] : [`seen by ${report.acknowledgedBy}`]),
    ...report.misclassified.map(({ by, fromKind, toKind }) => `${by}: not ${fromKind} but ${toKind}`),
    ...answerLines(report),
    ...report.askers.map(({ item, title, step }) => `for #${item} ${title}, ${step.replaceAll('/', ' ')}`),
    ...(report.isFlagged
      ? [
          `Not reviewed: \`meshwright answer ${report.question} …\` overturns it, the same option confirms it.`,
        ]
      : []),
  ];
}

function textLines({ text }: QuestionReport): string[] {
  if (text === null) return ['Its text was deleted by retention.'];
  const { compliance } = text;
  return [
    `Being built: ${text.building}`,
    `Question: ${text.question}`,
    ...(compliance === null
      ? []
      : [`Access pattern: ${compliance.accessPattern}`, `Reference: ${compliance.reference}`]),
    ...text.options.map(
      ({ label, tradeOff }, index) =>
        `  ${index + 1}  ${label}${index + 1 === text.defaultOption ? ' (default)' : ''}: ${tradeOff}`,
    ),
    `Why you: ${text.whyYou}`,
    `Unblocks: ${text.unblocks}`,
  ];
}

function routeLines({ route, isOpen, consequence }: QuestionReport): string[] {
  if (route === null) return ['Its kind has no route; the engineering lead is asked where it belongs.'];
  const others = [route.fallback, route.secondary].filter((each) => each !== null);
  const whom = [route.primary, ...others].join(', then ');
  return [
    `route: ${whom}${route.channel === null ? '' : ` in ${route.channel}`}, SLA ${formatDuration(route.slaMs)}`,
    ...(isOpen ? [consequence] : []),
  ];
}

function answerLines(report: QuestionReport): string[] {
  const { answer, byDefault, overturned, confirmedBy, refused, outcome, decision } = report;
  return [
    ...(answer === null
      ? []
      : [
          `answered by ${answer.by} at ${dayAndTime(answer.at)} (${answer.via}): ${describeAnswer(answer.answer)}`,
        ]),
    ...(byDefault === null ? [] : [`default: option ${byDefault.option}, ${byDefault.why}`]),
    ...(overturned === null
      ? []
      : [
          `overturned by ${overturned.by} at ${dayAndTime(overturned.at)}: ${describeAnswer(overturned.answer)}`,
        ]),
    ...(confirmedBy === null ? [] : [`default confirmed by ${confirmedBy}`]),
    ...refused.map(
      ({ by, said, why, at }) => `no effect: “${said}” of ${by} at ${dayAndTime(at)}, ${refusalReasons[why]}`,
    ),
    ...(outcome === null ? [] : [`holds: ${outcome}${decision === null ? '' : ` (${decision})`}`]),
  ];
}

export async function showApprovalCommand(session: Session, number: number): Promise<ExitCode> {
  const { terminal } = session;
  return withProject<ExitCode>(session, { willWork: false, for: 'anybody' }, async (project) => {
    const { report } = await viewApproval(project.store.journal, project.project, number);
    if (terminal.isJson) {
      terminal.json(report);
      return 0;
    }
    const { approval, asker, approvers, action, ending } = report;
    terminal.line(`${terminal.style('bold', `${approval} may it ${report.line}?`)} · ${report.status}`);
    terminal.line(
      `for #${asker.item} ${asker.title}, ${asker.step.replaceAll('/', ' ')}; rule ${report.rule}`,
    );
    terminal.line(
      `tier ${report.tier}: ${report.peopleCount} of ${approvers.join(', ') || 'whoever may run commands'}`,
    );
    terminal.line(
      `yes so far: ${report.approvedBy.join(', ') || 'nobody'}; until ${dayAndTime(report.expiresAt)}`,
    );
    if (ending)
      terminal.line(
        `${report.status}${ending.by ? ` by ${ending.by}` : ''}: ${ending.why || 'no reason given'}`,
      );
    terminal.line(`exactly: ${action === null ? 'deleted by retention' : JSON.stringify(action.input)}`);
    terminal.line(`hash ${report.actionHash}`);
    return 0;
  });
}

/** Of one question or approval: every event. */
export async function logAskCommand(
  session: Session,
  ask: { letter: 'Q' | 'A'; number: number },
): Promise<ExitCode> {
  return withProject<ExitCode>(session, { willWork: false, for: 'anybody' }, async (project) => {
    const { journal } = project.store;
    const { events } =
      ask.letter === 'Q'
        ? await viewQuestion(journal, project.project, ask.number, factsOf(project))
        : await viewApproval(journal, project.project, ask.number);
    for (const event of events) printLogged(session.terminal, event);
    return 0;
  });
}

function printLogged(terminal: Terminal, event: StoredEvent): void {
  const line = describeEvent(event, true);
  if (terminal.isJson) terminal.jsonLine(event);
  else if (line) printEventLine(terminal, { ...line, text: `${event.at.slice(11, 19)} ${line.text}` });
}

/** `2026-11-21 14:03:20 UTC`. */
function dayAndTime(iso: string): string {
  return `${iso.slice(0, 10)} ${clockTime(iso)}`;
}
