/** The end of the demo: what landed and what it cost, how every question ended, and how to check all of it by hand. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { formatUsd } from '../../base/money.ts';
import type { StoredEvent } from '../../journal/event.ts';
import { short } from '../../views/event-line.ts';
import { readQuestionHistories } from '../../views/question-view.ts';
import { viewStatus } from '../../views/status-view.ts';
import type { ProjectSession } from '../session.ts';
import { table } from '../terminal.ts';
import { endingRows } from './demo-endings.ts';

export async function reportDemo(project: ProjectSession, durationMs: number): Promise<void> {
  const { terminal, store } = project;
  const repository = project.repository.root;
  const status = await viewStatus(store.journal, project.project);
  const events = await readAllEvents(project);
  const overshoot = status.items.reduce(
    (sum, item) => sum + Math.max(0, item.spentMicroUsd - (item.ceilingMicroUsd ?? item.spentMicroUsd)),
    0,
  );
  const landings = events.filter((event) => event.kind === 'landing.finished');
  const checks = String(landings.at(-1)?.data.checks ?? '');
  const count = (kind: string) => events.filter((event) => event.kind === kind).length;
  terminal.line('');
  const landed = status.items.map((item) => `#${item.number} ${short(item.landedCommit ?? '')}`).join('  ');
  terminal.line(
    `${terminal.style('bold', 'LANDED')} ${landed}   ${checks}   ${Math.round(durationMs / 1000)} s`,
  );
  terminal.line(
    `simulated ${formatUsd(status.spentMicroUsd)} · overshoot ${formatUsd(overshoot)} · sent back: ${count('item.sent_back')} · tool calls refused: ${count('tool.call_refused')} · accepted by the demo itself: ${count('item.accepted')}`,
  );
  terminal.line('');
  terminal.line(
    `${terminal.style('bold', 'QUESTIONS')} people were played by the demo; minutes ran as seconds`,
  );
  const { found } = await readQuestionHistories(store.journal, project.project, { isOpenOnly: false });
  const questions = found.map(({ state }) => state);
  for (const row of table(endingRows(questions, events))) terminal.line(`  ${row}`);
  terminal.line('');
  terminal.line('Check it yourself:');
  terminal.line(`  cd ${repository} && git log --oneline && ${await testCommand(project)}`);
  const command = `npx meshwright -C ${repository}`;
  for (const what of ['show 2', 'log 2 --all', 'replay 2', 'cost --by role'])
    terminal.line(`  ${command} ${what}`);
  terminal.line('What people were asked, what is remembered of it, and a default to confirm:');
  for (const what of ['questions --all', 'show Q-2', 'memory list', 'digest'])
    terminal.line(`  ${command} ${what}`);
  terminal.line(`  MESHWRIGHT_PERSON=product-channel ${command} answer Q-2 1`);
  terminal.line('Next: cd your-repo && npx meshwright init');
}

async function readAllEvents(project: ProjectSession): Promise<StoredEvent[]> {
  const { journal } = project.store;
  const events: StoredEvent[] = [];
  for (let after = 0; ; ) {
    const page = await journal.readAll({ after, limit: 5000, project: project.project });
    if (page.length === 0) return events;
    events.push(...page);
    after = page.at(-1)?.position ?? after;
  }
}

/** The sample needs Node 22.18; where the machine's own node is older, the line names one that is not. */
async function testCommand(project: ProjectSession): Promise<string> {
  const own = path.dirname(process.execPath);
  const outside = (project.env.PATH ?? '')
    .split(path.delimiter)
    .filter((dir) => dir !== own && !dir.includes('node_modules'));
  try {
    const { stdout } = await promisify(execFile)('node', ['--version'], {
      env: { PATH: outside.join(path.delimiter) },
    });
    const [major = 0, minor = 0] = stdout.trim().slice(1).split('.').map(Number);
    if (major > 22 || (major === 22 && minor >= 18)) return 'npm test';
  } catch {
    // No node on the PATH at all: the line below names one.
  }
  return `PATH=${own}:$PATH npm test`;
}
