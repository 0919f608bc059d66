/** The commands that show one question or approval whole: what is asked, who is, what has happened, and how to answer. */
import { formatDuration } from '../../base/duration.ts';
import type { StoredEvent } from '../../journal/event.ts';
import { type ApprovalReport, viewApproval } from '../../views/approval-view.ts';
import { howToAnswer } from '../../views/ask-lines.ts';
import { describeEvent } from '../../views/describe-event.ts';
import { localDue, localTime, type Moment } from '../../views/local-time.ts';
import { type QuestionReport, viewQuestion } from '../../views/question-view.ts';
import type { ExitCode } from '../door.ts';
import { questionFacts } from '../question-facts.ts';
import { type ProjectSession, type Session, withProject } from '../session.ts';
import { printEventLine, type Terminal } from '../terminal.ts';

export async function showQuestionCommand(session: Session, number: number): Promise<ExitCode> {
  const { terminal } = session;
  return withProject<ExitCode>(session, { willWork: false, for: 'anybody' }, async (project) => {
    const facts = questionFacts(project);
    const { report } = await viewQuestion(project.store.journal, project.project, number, facts);
    if (terminal.isJson) terminal.json(report);
    else for (const line of describeQuestion(terminal, report, facts)) terminal.line(line);
    return 0;
  });
}

/** Everything that somebody needs who knows nothing of the work so far, then what happened. */
function describeQuestion(terminal: Terminal, report: QuestionReport, moment: Moment): string[] {
  const { question, title, isOpen, addressee, status, isFlagged } = report;
  const standing = isOpen ? `waits for ${addressee ?? 'a route'}` : status;
  return [
    `${terminal.style('bold', `${question} ${title}`)} · ${standing}`,
    `${report.kind} about ${report.topic}, for ${report.scope}`,
    ...report.askers.map(({ item, title, step }) => `for #${item} ${title}, ${step.replaceAll('/', ' ')}`),
    ...textLines(report),
    ...routeLines(report, moment),
    terminal.style('bold', 'What happened'),
    ...historyLines(report.history, moment),
    ...endLines(report),
    ...(isFlagged
      ? [`Not reviewed: \`${howToAnswer(nameOf(report))}\` overturns it, the same option confirms it.`]
      : []),
    ...(isOpen ? [`Answer: ${howToAnswer(nameOf(report))}, or in words, or "use your judgment"`] : []),
  ];
}

function nameOf({ question, optionCount }: QuestionReport) {
  return { name: question, optionCount };
}

function textLines({ text }: QuestionReport): string[] {
  if (text === null) return ['Its text was deleted by retention.'];
  const { compliance } = text;
  return [
    ...paragraph('Being built', text.building),
    ...paragraph('Question', text.question),
    ...(compliance === null
      ? []
      : [
          ...paragraph('Access pattern', compliance.accessPattern),
          ...paragraph('Reference', compliance.reference),
          ...paragraph('Suggestion', compliance.suggestion),
        ]),
    ...text.options.map(
      ({ label, tradeOff }, index) =>
        `  ${index + 1}  ${label}${index + 1 === text.defaultOption ? ' (default)' : ''}: ${tradeOff}`,
    ),
    ...paragraph('Why you', text.whyYou),
    ...paragraph('Unblocks', text.unblocks),
  ];
}

/** Further lines of an agent's text stand below the first and further in: none of them can be taken for a line of ours. */
function paragraph(label: string, text: string): string[] {
  const [first = '', ...others] = text.split(/\r?\n/);
  return [`${label}: ${first}`, ...others.map((line) => `    ${line}`)];
}

function routeLines({ route, isOpen, dueAt, consequence }: QuestionReport, moment: Moment): string[] {
  if (route === null) return ['Its kind has no route; the engineering lead is asked where it belongs.'];
  const others = [route.fallback, route.secondary].filter((each) => each !== null);
  const whom = [route.primary, ...others].join(', then ');
  return [
    `Route: ${whom}${route.channel === null ? '' : ` in ${route.channel}`}, SLA ${formatDuration(route.slaMs)}`,
    ...(isOpen && dueAt !== null ? [`Due ${localDue(dueAt, moment)}. ${consequence}`] : []),
  ];
}

function historyLines(history: QuestionReport['history'], moment: Moment): string[] {
  return history.map(({ at, text }) => `  ${localTime(at, moment)}  ${text}`);
}

function endLines({ outcome, decision }: QuestionReport): string[] {
  if (outcome === null) return [];
  return [`Holds: ${outcome}${decision === null ? '' : ` (${decision}: \`meshwright show ${decision}\`)`}`];
}

export async function showApprovalCommand(session: Session, number: number): Promise<ExitCode> {
  const { terminal } = session;
  return withProject<ExitCode>(session, { willWork: false, for: 'anybody' }, async (project) => {
    const { report } = await viewApproval(project.store.journal, project.project, number);
    const facts = questionFacts(project);
    if (terminal.isJson) terminal.json(report);
    else for (const line of describeApproval(terminal, report, facts)) terminal.line(line);
    return 0;
  });
}

function describeApproval(terminal: Terminal, report: ApprovalReport, moment: Moment): string[] {
  const { approval, asker, approvers, action, status, expiresAt, actionHash } = report;
  return [
    `${terminal.style('bold', `${approval} may it ${report.line}?`)} · ${status}`,
    `for #${asker.item} ${asker.title}, ${asker.step.replaceAll('/', ' ')}; rule ${report.rule}`,
    `tier ${report.tier}: ${report.peopleCount} of ${approvers.join(', ') || 'whoever may run commands'}`,
    `yes so far: ${report.approvedBy.join(', ') || 'nobody'}${report.isOpen ? `; until ${localDue(expiresAt, moment)}` : ''}`,
    `exactly: ${action === null ? 'deleted by retention' : JSON.stringify(action.input)}`,
    `hash ${actionHash}`,
    terminal.style('bold', 'What happened'),
    ...historyLines(report.history, moment),
    ...(status === 'open'
      ? [`Answer: meshwright approve ${approval}, or meshwright deny ${approval} --reason "…"`]
      : []),
  ];
}

/** Of one question or approval: every event. */
export async function logAskCommand(
  session: Session,
  ask: { letter: 'Q' | 'A'; number: number },
): Promise<ExitCode> {
  return withProject<ExitCode>(session, { willWork: false, for: 'anybody' }, async (project) => {
    for (const event of await eventsOf(project, ask)) printLogged(session.terminal, event);
    return 0;
  });
}

async function eventsOf(
  session: ProjectSession,
  { letter, number }: { letter: 'Q' | 'A'; number: number },
): Promise<StoredEvent[]> {
  const { store, project } = session;
  const viewed =
    letter === 'Q'
      ? await viewQuestion(store.journal, project, number, questionFacts(session))
      : await viewApproval(store.journal, project, number);
  return viewed.events;
}

function printLogged(terminal: Terminal, event: StoredEvent): void {
  const line = describeEvent(event, true);
  if (terminal.isJson) terminal.jsonLine(event);
  else if (line) printEventLine(terminal, { ...line, text: `${event.at.slice(11, 19)} ${line.text}` });
}
