/** `digest`: what was decided without people, what is parked, how long answers take, and what the stakeholder map lacks. */
import { formatDuration, parseDuration } from '../../base/duration.ts';
import { MeshwrightError } from '../../base/errors.ts';
import { refusalReasons } from '../../views/describe-question.ts';
import { type DigestView, viewDigest } from '../../views/digest-view.ts';
import { localDue, localTime, type Moment } from '../../views/local-time.ts';
import type { QuestionRow } from '../../views/question-view.ts';
import type { ResponseTimes } from '../../views/response-times.ts';
import type { ExitCode } from '../door.ts';
import { questionFacts } from '../question-facts.ts';
import { type Session, withProject } from '../session.ts';
import { type Terminal, table } from '../terminal.ts';

export async function digestCommand(session: Session, options: { since: string }): Promise<ExitCode> {
  const { terminal } = session;
  const sinceMs = readSince(options.since);
  return withProject<ExitCode>(session, { willWork: false, for: 'anybody' }, async (project) => {
    const facts = questionFacts(project);
    const since = new Date(facts.nowMs - sinceMs).toISOString();
    const digest = await viewDigest(project.store.journal, project.project, { ...facts, since });
    if (terminal.isJson) terminal.json(digest);
    else {
      terminal.line(terminal.style('bold', `Since ${localTime(since, facts)}`));
      if (facts.stakeholders.isRehearsal)
        terminal.line('REHEARSAL: minutes of the stakeholder map run as seconds.');
      for (const { title, lines } of sectionsOf(digest, facts)) printSection(terminal, title, lines);
      for (const { problem } of digest.unreadable) terminal.warn(`not counted: ${problem}`);
    }
    return 0;
  });
}

/** @throws MeshwrightError `usage`. */
function readSince(given: string): number {
  const ms = parseDuration(given);
  if (ms !== undefined && ms > 0) return ms;
  throw new MeshwrightError('usage', `not a span of time: ${given}`, {
    hint: 'Give one such as 7d or 12h.',
    exitCode: 2,
  });
}

function printSection(terminal: Terminal, title: string, lines: readonly string[]): void {
  terminal.line('');
  terminal.line(terminal.style('bold', title));
  for (const line of lines.length > 0 ? lines : ['none']) terminal.line(`  ${line}`);
}

function sectionsOf(digest: DigestView, moment: Moment): { title: string; lines: string[] }[] {
  return [
    { title: 'Decided by default', lines: digest.defaults.flatMap(defaultLines) },
    { title: 'Parked', lines: digest.parked.map((row) => parkedLine(row, moment)) },
    { title: 'Response times per person', lines: timesTable(digest.people) },
    { title: 'Response times per kind of question', lines: timesTable(digest.routes) },
    {
      title: 'Suggested SLAs',
      lines: digest.suggestions.map(
        ({ kind, slaMs, suggestedMs, evidence }) =>
          `${kind}: ${formatDuration(slaMs)} → ${formatDuration(suggestedMs)}, because of ${evidence}`,
      ),
    },
    ...gapSections(digest),
  ];
}

/** What was taken, and what to type to say that it is right or wrong. */
function defaultLines({
  question,
  line,
  outcome,
  isFlagged,
  decision,
  items,
  optionCount,
}: QuestionRow): string[] {
  const what = [`${question} ${line}`, ...itemsOf(items)].join(' · ');
  const holds = `holds: ${outcome}${decision === null ? '' : ` (${decision})`}`;
  const review = `\`meshwright answer ${question} <1–${optionCount}>\`: the same option confirms it, another one overturns it`;
  return [what, `  ${holds} · ${isFlagged ? `not reviewed; ${review}` : 'reviewed'}`];
}

function parkedLine({ question, title, addressee, items, dueAt }: QuestionRow, moment: Moment): string {
  return [
    `${question} ${title}: waits for ${addressee ?? 'a route'}`,
    ...(dueAt === null ? [] : [`next ${localDue(dueAt, moment)}`]),
    ...itemsOf(items),
  ].join(' · ');
}

function itemsOf(items: readonly number[]): string[] {
  return items.length === 0 ? [] : [items.map((item) => `#${item}`).join(' ')];
}

function gapSections({ misclassified, unrouted, refused, contested }: DigestView) {
  return [
    {
      title: 'Kinds that people corrected',
      lines: misclassified.map(
        ({ fromKind, toKind, count, questions }) =>
          `${fromKind} was really ${toKind}: ${count} (${questions.join(', ')})`,
      ),
    },
    {
      title: 'Kinds without a route',
      lines: unrouted.map(
        ({ kind, count, openCount, gap }) =>
          `${kind}: ${count} asked, ${openCount} still waiting${gap === null ? '' : ` · gap ${gap}`}`,
      ),
    },
    {
      title: 'Answers without effect',
      lines: refused.map(
        ({ question, by, said, why }) => `${question}: “${said}” of ${by}, ${refusalReasons[why]}`,
      ),
    },
    {
      title: 'Contested memory',
      lines: contested.map(
        ({ id, topic, statement, contests }) =>
          `${id} ${topic}: ${statement} (against ${contests.join(', ')})`,
      ),
    },
  ];
}

function timesTable(rows: readonly ResponseTimes[]): string[] {
  if (rows.length === 0) return [];
  const time = (ms: number | null) => (ms === null ? '–' : formatDuration(ms));
  const share = (part: number | null) => (part === null ? '–' : `${Math.round(part * 100)} %`);
  return table([
    ['', 'asked', 'replied', 'in time', 'never', 'median', 'p90'],
    ...rows.map(({ key, askedCount, repliedCount, inTimeShare, neverCount, medianMs, p90Ms }) => [
      key,
      String(askedCount),
      String(repliedCount),
      share(inTimeShare),
      String(neverCount),
      time(medianMs),
      time(p90Ms),
    ]),
  ]);
}
