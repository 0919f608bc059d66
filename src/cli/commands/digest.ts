/** `digest`: what was decided without people, what is parked, how long answers take, and what the stakeholder map lacks. */
import { systemClock } from '../../base/clock.ts';
import { formatDuration, parseDuration } from '../../base/duration.ts';
import { MeshwrightError } from '../../base/errors.ts';
import { requireStakeholders } from '../../views/configuration.ts';
import { refusalReasons } from '../../views/describe-question.ts';
import { type DigestView, viewDigest } from '../../views/digest-view.ts';
import type { ResponseTimes } from '../../views/response-times.ts';
import type { ExitCode } from '../door.ts';
import { type Session, withProject } from '../session.ts';
import { type Terminal, table } from '../terminal.ts';

export async function digestCommand(session: Session, options: { since: string }): Promise<ExitCode> {
  const { terminal } = session;
  const sinceMs = readSince(options.since);
  return withProject<ExitCode>(session, { willWork: false, for: 'anybody' }, async (project) => {
    const nowMs = systemClock.now();
    const stakeholders = requireStakeholders(project.configuration);
    const since = new Date(nowMs - sinceMs).toISOString();
    const digest = await viewDigest(project.store.journal, project.project, { stakeholders, nowMs, since });
    if (terminal.isJson) terminal.json(digest);
    else {
      terminal.line(terminal.style('bold', `Since ${since.slice(0, 16).replace('T', ' ')} UTC`));
      if (stakeholders.isRehearsal)
        terminal.line('REHEARSAL: minutes of the stakeholder map run as seconds.');
      for (const { title, lines } of sectionsOf(digest)) printSection(terminal, title, lines);
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

function sectionsOf(digest: DigestView): { title: string; lines: string[] }[] {
  return [
    {
      title: 'Decided by default',
      lines: digest.defaults.map(({ question, title, outcome, isFlagged, decision }) =>
        [
          `${question} ${title}: ${outcome}`,
          ...(decision === null ? [] : [decision]),
          isFlagged
            ? `not reviewed; \`meshwright answer ${question} <option>\` confirms or overturns it`
            : 'reviewed',
        ].join(' · '),
      ),
    },
    {
      title: 'Parked',
      lines: digest.parked.map(
        ({ question, title, addressee, items }) =>
          `${question} ${title}: waits for ${addressee ?? 'a route'} · ${items.map((item) => `#${item}`).join(' ')}`,
      ),
    },
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
