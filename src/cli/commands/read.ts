/** The commands that only read: status, show, log, diff, cost. */
import path from 'node:path';
import { MeshwrightError } from '../../base/errors.ts';
import { formatUsd } from '../../base/money.ts';
import { openMirror } from '../../git/open-mirror.ts';
import type { StoredEvent } from '../../journal/event.ts';
import { frontierOf } from '../../ledger/route-model.ts';
import { describeControlShort } from '../../views/control-view.ts';
import type { CostGrouping } from '../../views/cost-grouping.ts';
import { describeFrontier, viewCost } from '../../views/cost-view.ts';
import { describeDecisions, describeItemAsk } from '../../views/describe-asks.ts';
import { describeEvent, describeFinding } from '../../views/describe-event.ts';
import { describeModel } from '../../views/describe-limit.ts';
import { short } from '../../views/event-line.ts';
import { readItemLog } from '../../views/item-log.ts';
import { reportItem } from '../../views/item-report.ts';
import { viewItem } from '../../views/item-view.ts';
import type { Moment } from '../../views/local-time.ts';
import { type ItemRow, viewStatus } from '../../views/status-view.ts';
import { describeUnmetered } from '../../views/unmetered.ts';
import { viewWaiting, type WaitingView } from '../../views/waiting-view.ts';
import { accountsNow, accountTable, describeBudgetRow } from '../accounts.ts';
import type { ExitCode } from '../door.ts';
import { questionFacts } from '../question-facts.ts';
import { type ProjectSession, type Session, withProject } from '../session.ts';
import { printEventLine, type Terminal, table } from '../terminal.ts';
import { describeWaiting } from '../waiting-lines.ts';

export async function statusCommand(session: Session): Promise<ExitCode> {
  const { terminal } = session;
  return withProject<ExitCode>(session, { willWork: false, for: 'anybody' }, async (project) => {
    const status = await viewStatus(project.store.journal, project.project);
    const budgets = (await accountsNow(project)).filter(({ isOverThreshold }) => isOverThreshold);
    const facts = questionFacts(project);
    const { items } = status;
    const waiting = await viewWaiting(project.store.journal, project.project, { ...facts, items });
    if (terminal.isJson) {
      terminal.json({ ...status, budgets, waiting });
      return 0;
    }
    const worker = status.isWorkerRunning ? 'a worker is running' : 'no worker is running';
    terminal.line(
      `${terminal.style('bold', project.project)} → ${project.policy.targetBranch} · ${worker} · spent ${formatUsd(status.spentMicroUsd)}`,
    );
    const red = status.project.baseline?.checks.filter((check) => check.status !== 'green') ?? [];
    if (red.length > 0)
      terminal.line(`baseline: ${red.map((check) => `${check.name} ${check.status}`).join(', ')}`);
    // An item's own stands with the item.
    for (const control of status.controls.filter(({ scope }) => !scope.startsWith('item:')))
      terminal.line(terminal.style('bold', describeControlShort(control)));
    if (status.items.length === 0)
      terminal.line('No items yet. `meshwright add "<what you want>"` makes one.');
    for (const line of table(status.items.map(statusRow))) terminal.line(line);
    for (const item of status.items) if (item.note) terminal.line(`#${item.number} ${item.note}`);
    for (const line of budgets.map(describeBudgetRow)) terminal.line(line);
    for (const line of describeMostUrgent(terminal, waiting, facts)) terminal.line(line);
    for (const { problem } of [...status.unreadable, ...waiting.unreadable])
      terminal.warn(`not shown: ${problem}`);
    return 0;
  });
}

/** Counts, and the question or approval that comes first. What items wait for stands with them. */
function describeMostUrgent(terminal: Terminal, waiting: WaitingView, moment: Moment): string[] {
  const { questionCount, approvalCount, parkedCount, overdueCount, rows } = waiting;
  if (questionCount + approvalCount === 0) return [];
  const counts = [
    `${countOf(questionCount, 'question')}${overdueCount > 0 ? ` (${overdueCount} OVERDUE)` : ''}`,
    countOf(approvalCount, 'approval'),
    ...(parkedCount > 0 ? [`${countOf(parkedCount, 'item')} parked`] : []),
  ];
  return [
    `People are asked: ${counts.join(', ')}; \`meshwright questions\` shows them. Most urgent:`,
    ...describeWaiting(terminal, rows.slice(0, 1), moment),
  ];
}

function countOf(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function statusRow(item: ItemRow): string[] {
  const where = item.running.length > 0 ? item.running.join(', ') : (item.phase ?? '');
  const commit = item.landedCommit ?? item.readyCommit;
  return [
    `#${item.number}`,
    item.control?.state ?? item.status,
    [
      formatUsd(item.spentMicroUsd),
      ...(item.ceilingMicroUsd === null ? [] : [`of ${formatUsd(item.ceilingMicroUsd)}`]),
      ...(item.unmetered.length === 0 ? [] : ['+ not metered']),
    ].join(' '),
    item.status === 'running' ? where : commit ? short(commit) : where,
    item.title,
  ];
}

/** `at`: as the item was after that event of its own; null: as it is. */
export async function showCommand(session: Session, number: number, at: number | null): Promise<ExitCode> {
  const { terminal } = session;
  return withProject<ExitCode>(session, { willWork: false, for: 'anybody' }, async (project) => {
    const report = await reportItem(project.store.journal, project.project, number, at);
    if (terminal.isJson) {
      terminal.json(report);
      return 0;
    }
    const { state, account, control } = report;
    const standing = control?.state ?? state.status;
    terminal.line(`${terminal.style('bold', `#${number} ${state.title}`)} · ${standing}`);
    if (at !== null) terminal.line(`as it was after event ${at}, ${formatUsd(state.costMicroUsd)} spent`);
    if (control) terminal.line(describeControlShort(control));
    if (state.fork) terminal.line(`fork of #${state.fork.from} at ${state.fork.at}`);
    if (state.takeover) terminal.line(`taken over by ${state.takeover.to}, in ${state.takeover.folder}`);
    if (state.pause) terminal.line(`paused: ${state.pause.message}; asks ${state.pause.ask}`);
    if (account) {
      const ceiling =
        account.ceilingMicroUsd === null ? 'no ceiling' : `ceiling ${formatUsd(account.ceilingMicroUsd)}`;
      terminal.line(`spent ${formatUsd(account.spentMicroUsd)}, ${ceiling}`);
    }
    const unmetered = describeUnmetered(report.unmetered);
    if (unmetered) terminal.line(unmetered);
    if (state.branch)
      terminal.line(
        `branch ${state.branch} from ${short(state.base ?? '')}${state.head ? `, head ${short(state.head)}` : ''}`,
      );
    if (state.landedCommit) terminal.line(`landed as ${state.landedCommit} on ${state.target}`);
    for (const criterion of state.criteria) terminal.line(`  criterion: ${criterion}`);
    const rows = report.steps.map((step) => [
      `  ${step.outcome === 'done' ? '✓' : step.outcome === 'failed' ? '✗' : '·'} ${step.step}`,
      `round ${step.round}, attempt ${step.attempt}`,
      step.model === null ? '' : describeModel(step.model, step.tier),
      formatUsd(step.costMicroUsd),
      step.commit ? short(step.commit) : '',
      (step.summary ?? '').split('\n')[0]?.slice(0, 90) ?? '',
    ]);
    for (const line of table(rows)) terminal.line(line);
    for (const gate of report.gates) {
      terminal.line(
        `  ${gate.isPassed ? '✓' : '✗'} ${gate.phase} gate, round ${gate.round}: ${gate.summary}`,
      );
      if (gate.isPassed) continue;
      const details = gate.findings.flatMap((finding) => describeFinding(finding, 25).split('\n'));
      for (const line of details) terminal.line(terminal.style('dim', `      ${line}`));
    }
    for (const [name, hash] of Object.entries(state.artifacts))
      terminal.line(`  artifact ${name} ${short(hash)}`);
    for (const line of [...report.asks.map(describeItemAsk), ...describeDecisions(report.decisions)])
      terminal.line(`  ${line}`);
    return 0;
  });
}

export async function logCommand(
  session: Session,
  number: number,
  options: { follow: boolean; all: boolean },
): Promise<ExitCode> {
  const { terminal } = session;
  return withProject<ExitCode>(session, { willWork: false, for: 'anybody' }, async (project) => {
    const { journal } = project.store;
    await viewItem(journal, project.project, number);
    const end = new AbortController();
    const stop = () => end.abort();
    process.once('SIGINT', stop);
    const reading = { follow: options.follow, signal: end.signal };
    for await (const event of readItemLog(journal, project.project, number, reading)) {
      if (terminal.isJson) {
        terminal.jsonLine(event);
        continue;
      }
      const line = describeEvent(event, options.all);
      if (line)
        printEventLine(terminal, {
          ...line,
          text: `${event.at.slice(11, 19)} ${numberOf(event)} ${line.text}`,
        });
    }
    process.off('SIGINT', stop);
    return 0;
  });
}

/** By which `fork` and `show --at` name a moment; an agent's events are not numbered with the item's. */
function numberOf({ stream, version }: StoredEvent): string {
  return (stream.startsWith('item:') ? String(version) : '').padStart(3);
}

export async function diffCommand(session: Session, number: number): Promise<ExitCode> {
  const { terminal } = session;
  return withProject<ExitCode>(session, { willWork: false, for: 'anybody' }, async (project) => {
    const { state } = await viewItem(project.store.journal, project.project, number);
    if (!state.base || !state.head || state.base === state.head) {
      throw new MeshwrightError('nothing_to_show', `item ${number} has changed nothing yet`);
    }
    const mirror = await openMirrorOf(project);
    const diff = await mirror.diff(state.base, state.head);
    if (terminal.isJson) terminal.json({ number, base: state.base, head: state.head, diff });
    else for (const line of diff.trimEnd().split('\n')) terminal.line(colourDiff(session, line));
    return 0;
  });
}

function colourDiff({ terminal }: Session, line: string): string {
  if (line.startsWith('+++') || line.startsWith('---') || line.startsWith('diff '))
    return terminal.style('bold', line);
  if (line.startsWith('+')) return terminal.style('green', line);
  if (line.startsWith('-')) return terminal.style('red', line);
  return line.startsWith('@@') ? terminal.style('cyan', line) : line;
}

export async function openMirrorOf(project: ProjectSession) {
  return openMirror(path.join(project.store.paths.mirrors, `${project.project}.git`));
}

export async function costCommand(session: Session, by: CostGrouping): Promise<ExitCode> {
  const { terminal } = session;
  return withProject<ExitCode>(session, { willWork: false, for: 'anybody' }, async (project) => {
    const { policy } = project.configuration;
    const frontier = policy ? frontierOf(policy) : null;
    const cost = await viewCost(project.store.journal, { project: project.project, by, frontier });
    const accounts = await accountsNow(project);
    if (terminal.isJson) {
      terminal.json({ ...cost, accounts });
      return 0;
    }
    const rows = [...cost.rows, cost.total].map((row) => [
      row.key,
      String(row.calls),
      String(row.inputTokens),
      String(row.cacheReadTokens),
      String(row.cacheWriteTokens),
      String(row.outputTokens),
      formatUsd(row.costMicroUsd),
    ]);
    for (const line of table([
      [by, 'calls', 'input', 'cache read', 'cache write', 'output', 'cost'],
      ...rows,
    ]))
      terminal.line(line);
    const unmetered = describeUnmetered(cost.unmetered);
    if (unmetered) terminal.line(unmetered);
    const { overshootMicroUsd } = cost.total;
    if (overshootMicroUsd > 0)
      terminal.line(`${formatUsd(overshootMicroUsd)} of it was billed above what had been reserved.`);
    if (cost.allFrontier) terminal.line(describeFrontier(cost.allFrontier, cost.total.costMicroUsd));
    terminal.line('');
    for (const line of accountTable(accounts)) terminal.line(line);
    if (!cost.isReal)
      terminal.line(terminal.style('dim', 'Includes scripted calls: their costs are simulated.'));
    return 0;
  });
}
