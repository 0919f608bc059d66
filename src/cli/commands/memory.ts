/** The command memory: reads what is remembered, and lets a person change it. */
import { systemClock } from '../../base/clock.ts';
import { MeshwrightError } from '../../base/errors.ts';
import { newId } from '../../base/ids.ts';
import type { MemoryKind, MemorySource } from '../../memory/memory-record.ts';
import { describeMemoryScope } from '../../memory/memory-scope.ts';
import {
  contestMemory,
  type MemoryRequest,
  recordMemory,
  retireMemory,
  supersedeMemory,
} from '../../requests/change-memory.ts';
import { type MemoryUse, viewMemoryUses } from '../../views/memory-uses.ts';
import {
  type MemoryReport,
  type MemoryRow,
  viewMemory,
  viewMemoryRecord,
  viewMemorySearch,
} from '../../views/memory-view.ts';
import type { ExitCode } from '../door.ts';
import { type ProjectSession, type Session, withProject } from '../session.ts';
import type { Terminal } from '../terminal.ts';

const reading = { willWork: false, for: 'anybody' } as const;
const writing = { willWork: false, for: 'named' } as const;

export async function listMemoryCommand(session: Session, { all }: { all: boolean }): Promise<ExitCode> {
  return withProject<ExitCode>(session, reading, async (project) => {
    const rows = await viewMemory(project.store.journal, project.project, {
      ...factsOf(project),
      isLiveOnly: !all,
    });
    const hint = all ? '' : ' `--all` shows what is over.';
    printRows(project.terminal, rows, `Nothing is remembered.${hint}`);
    return 0;
  });
}

export async function searchMemoryCommand(session: Session, text: string): Promise<ExitCode> {
  return withProject<ExitCode>(session, reading, async (project) => {
    const facts = { ...factsOf(project), text };
    const rows = await viewMemorySearch(project.store.journal, project.project, facts);
    printRows(project.terminal, rows, 'Nothing that is remembered has these words.');
    return 0;
  });
}

export async function showMemoryCommand(session: Session, id: string): Promise<ExitCode> {
  return withProject<ExitCode>(session, reading, async (project) => {
    await printRecord(project, id);
    return 0;
  });
}

export interface RecordOptions {
  topic: string;
  answers?: string;
  kind: string;
  scope: string;
  reason: string;
  until?: string;
}

export async function recordCommand(
  session: Session,
  statement: string,
  options: RecordOptions,
): Promise<ExitCode> {
  const { topic, scope, reason: reasons, answers = null } = options;
  const kind = readKind(options.kind);
  const validUntil = options.until === undefined ? null : readTime(options.until);
  return withProject<ExitCode>(session, writing, async (project) => {
    const given = { kind, answers, topic, scope, statement, reasons, rejected: [], validUntil };
    const { id } = await recordMemory(requestOf(project), given);
    await printRecord(project, id);
    return 0;
  });
}

export async function supersedeCommand(
  session: Session,
  given: { id: string; statement: string; why: string },
): Promise<ExitCode> {
  return withProject<ExitCode>(session, writing, async (project) => {
    const { id } = await supersedeMemory(requestOf(project), given);
    await printRecord(project, id);
    return 0;
  });
}

export async function contestCommand(
  session: Session,
  given: { ids: readonly [string, string]; why: string },
): Promise<ExitCode> {
  return withProject<ExitCode>(session, writing, async (project) => {
    await contestMemory(requestOf(project), given);
    await printRecord(project, given.ids[0]);
    return 0;
  });
}

export async function retireCommand(session: Session, given: { id: string; why: string }): Promise<ExitCode> {
  return withProject<ExitCode>(session, writing, async (project) => {
    await retireMemory(requestOf(project), given);
    await printRecord(project, given.id);
    return 0;
  });
}

function factsOf({ configuration }: ProjectSession) {
  return { packs: configuration.packs, nowMs: systemClock.now() };
}

function requestOf({ store, project, person }: ProjectSession): MemoryRequest {
  return { journal: store.journal, newId, project, by: person, nowMs: systemClock.now() };
}

function readKind(given: string): MemoryKind {
  if (given === 'decision' || given === 'pattern' || given === 'rule') return given;
  throw new MeshwrightError('usage', `\`${given}\` is no kind of record`, {
    hint: 'It is `decision`, `pattern` or `rule`.',
    exitCode: 2,
  });
}

/** Anything that is no time stays as it is, to be refused where everything is. */
function readTime(given: string): string {
  const ms = Date.parse(given);
  return Number.isNaN(ms) ? given : new Date(ms).toISOString();
}

function printRows(terminal: Terminal, rows: readonly MemoryRow[], nothing: string): void {
  if (terminal.isJson) {
    terminal.json({ records: rows });
    return;
  }
  if (rows.length === 0) terminal.line(nothing);
  for (const { id, status, topic, scope, statement } of rows) {
    const name = terminal.style(status === 'active' ? 'bold' : 'dim', id);
    const mark = status === 'active' ? '' : ` ${terminal.style('yellow', status)}`;
    terminal.line(`${name}${mark}  ${statement}`);
    terminal.line(terminal.style('dim', `    ${topic}, in ${describeMemoryScope(scope)}`));
  }
}

async function printRecord(project: ProjectSession, id: string): Promise<void> {
  const { terminal } = project;
  const { journal } = project.store;
  const report = await viewMemoryRecord(journal, project.project, { ...factsOf(project), id });
  const uses = await viewMemoryUses(journal, project.project, id);
  if (terminal.isJson) terminal.json({ ...report, uses });
  else for (const line of describeRecord(terminal, report, uses)) terminal.line(line);
}

function describeRecord(terminal: Terminal, report: MemoryReport, uses: readonly MemoryUse[]): string[] {
  const { id, kind, status, answers, topic, scope, statement, reasons } = report;
  const fact = (name: string, value: string) => (value === '' ? [] : [`  ${name.padEnd(13)}${value}`]);
  return [
    `${terminal.style('bold', id)}  ${kind}, ${status}`,
    `  ${statement}`,
    ...fact('topic', topic),
    ...fact('answers', answers === null ? '' : `questions of kind ${answers}`),
    ...fact('holds in', describeMemoryScope(scope)),
    ...fact('until', report.validUntil ?? ''),
    ...fact('from', describeSource(report.source)),
    ...fact('reasons', reasons),
    ...fact('rejected', report.rejected.join('; ')),
    ...fact('must ask', describeCheck(report)),
    ...fact('replaced', report.replaced.join(', ')),
    ...fact('replaced by', report.supersededBy ?? ''),
    ...fact('contested', status === 'contested' ? `with ${report.contests.join(', ')}: neither binds` : ''),
    ...report.history.flatMap(({ at, what, by, why }) =>
      fact(what, [at, ...(by === null ? [] : [`by ${by}`]), ...(why ? [why] : [])].join(', ')),
    ),
    ...uses.map(
      ({ item, agent, how }) => `  ${how.padEnd(13)}#${item} ${agent.slice(agent.indexOf('/') + 1)}`,
    ),
  ];
}

function describeSource(source: MemorySource): string {
  switch (source.from) {
    case 'question':
      return source.isDefault
        ? `${source.question}, taken by default: nobody answered in time; \`meshwright answer ${source.question} …\` confirms or overturns it`
        : `${source.question}, answered by ${source.by ?? 'nobody'}`;
    case 'person':
      return source.by;
    case 'pack':
      return `pack ${source.pack}, sha256 ${source.hash.slice(0, 12)}`;
  }
}

function describeCheck({ check }: MemoryReport): string {
  if (check === null) return '';
  return `${check.mustAsk}, before a line matches ${check.matches} in ${check.paths.join(', ')}`;
}
