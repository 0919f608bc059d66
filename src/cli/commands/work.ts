/** The commands that put work in and drive it: add, run, accept, reject, cancel. */
import path from 'node:path';
import { type Brief, maxBriefBytes, parseBrief } from '../../artifacts/parse-brief.ts';
import { parsePlanFile } from '../../artifacts/parse-plan-file.ts';
import { MeshwrightError } from '../../base/errors.ts';
import { newId } from '../../base/ids.ts';
import { formatUsd, microUsdFromUsd } from '../../base/money.ts';
import { readConfiguration } from '../../compose.ts';
import type { ItemRequest } from '../../items/judge-request.ts';
import { addItem } from '../../requests/add-item.ts';
import { askOfItem } from '../../requests/ask-of-item.ts';
import { registerProject } from '../../requests/register-project.ts';
import { requireBrief } from '../../requests/require-text.ts';
import { requireValid } from '../../views/configuration.ts';
import { viewItem } from '../../views/item-view.ts';
import { viewProject } from '../../views/project-view.ts';
import { viewStatus } from '../../views/status-view.ts';
import { viewWaiting } from '../../views/waiting-view.ts';
import { formatDiagnostic, type Loaded } from '../../yaml/diagnostic.ts';
import { readTextFile, readTextStream, type TextFile } from '../../yaml/read-text-file.ts';
import type { ExitCode } from '../door.ts';
import { drive, exitCodeOf } from '../drive.ts';
import { describeDryRun, planDryRun } from '../dry-run.ts';
import { questionFacts } from '../question-facts.ts';
import { type ProjectSession, type Session, withProject } from '../session.ts';
import { describeWaiting } from '../waiting-lines.ts';

type UnreadText = Extract<TextFile, { ok: false }>;

const maxPlanBytes = 1_000_000;

export interface AddOptions {
  criteria: string[];
  plan?: string;
  flow?: string;
  dryRun: boolean;
}

export async function addCommand(session: Session, given: string, options: AddOptions): Promise<ExitCode> {
  const { terminal } = session;
  return withProject<ExitCode>(session, { willWork: true, for: 'named' }, async (project) => {
    const brief = await readBrief(session, given, options);
    const plan = options.plan ? await readPlan(session, options.plan) : null;
    const configuration = await readConfiguration(project.repository, session.env, {
      registries: project.registries,
      flow: brief.flow,
    });
    const { team } = requireValid(configuration);
    await requireGreenBaseline(project);
    if (options.dryRun) {
      const dryRun = planDryRun({ policy: project.policy, team, brief, planText: plan });
      if (terminal.isJson) terminal.json(dryRun);
      else for (const line of describeDryRun(dryRun)) terminal.line(line);
      return 0;
    }
    await register(project);
    const number = await addItem({
      journal: project.store.journal,
      newId,
      project: project.project,
      brief,
      plan,
      by: `person:${session.person}`,
    });
    if (terminal.isJson) terminal.json({ number, title: brief.title });
    else {
      terminal.line(`#${number} ${brief.title}`);
      terminal.line(terminal.style('dim', 'Queued. `meshwright run --until-idle` works on it.'));
    }
    return 0;
  });
}

export async function runCommand(
  session: Session,
  options: { untilIdle: boolean; verbose: boolean },
): Promise<ExitCode> {
  return withProject<ExitCode>(session, { willWork: true, for: 'anybody' }, async (project) => {
    requireValid(project.configuration);
    await requireGreenBaseline(project);
    await register(project);
    await drive(project, {
      untilIdle: options.untilIdle,
      isVerbose: options.verbose,
      printsJsonEvents: true,
    });
    const code = await exitCodeOf(project);
    if (!session.terminal.isJson) {
      session.terminal.line(idleLine(code));
      await printWaiting(project);
    }
    return code;
  });
}

async function printWaiting(project: ProjectSession): Promise<void> {
  const { store, terminal } = project;
  const { items } = await viewStatus(store.journal, project.project);
  const facts = questionFacts(project);
  const { rows } = await viewWaiting(store.journal, project.project, { ...facts, items });
  for (const line of describeWaiting(terminal, rows, facts)) terminal.line(line);
}

function idleLine(code: ExitCode): string {
  if (code === 4)
    return 'Stopped at a ceiling; the work is kept. `meshwright status` shows where, `resume <item> --ceiling-usd <n>` goes on.';
  if (code === 5)
    return 'Killed by a person; the work is kept. `meshwright status` shows by whom, `meshwright resume` goes on.';
  if (code === 3) return 'Waits for a person:';
  return 'Nothing left to do.';
}

export async function acceptCommand(session: Session, number: number): Promise<ExitCode> {
  return withProject<ExitCode>(session, { willWork: true, for: 'named' }, async (project) => {
    const { state } = await viewItem(project.store.journal, project.project, number);
    const request: ItemRequest = { kind: 'accept', by: session.person, commit: state.readyCommit ?? '' };
    await ask(project, number, request);
    await drive(project, {
      untilIdle: true,
      scope: { items: new Set([number]), requestsOnly: false },
      isVerbose: false,
    });
    const after = (await viewItem(project.store.journal, project.project, number)).state;
    if (session.terminal.isJson)
      session.terminal.json({ number, status: after.status, commit: after.landedCommit });
    return after.status === 'landed' ? 0 : exitCodeOf(project, new Set([number]));
  });
}

/** Reject and cancel are carried out at once, here or by the worker that runs; work itself is `run`'s. */
export async function askCommand(session: Session, number: number, request: ItemRequest): Promise<ExitCode> {
  const { terminal } = session;
  return withProject<ExitCode>(session, { willWork: false, for: 'named' }, async (project) => {
    await ask(project, number, request);
    const scope = { items: new Set([number]), requestsOnly: true };
    await drive(project, { untilIdle: true, scope, isVerbose: false });
    const { state } = await viewItem(project.store.journal, project.project, number);
    if (terminal.isJson) terminal.json({ number, status: state.status });
    else if (state.status === 'running') terminal.line('`meshwright run --until-idle` goes on with it.');
    return 0;
  });
}

async function ask(project: ProjectSession, number: number, request: ItemRequest): Promise<void> {
  await askOfItem({ journal: project.store.journal, newId, project: project.project, number, request });
}

async function register(project: ProjectSession): Promise<void> {
  await registerProject(
    { journal: project.store.journal, newId, project: project.project, by: `person:${project.person}` },
    project.repository.root,
  );
}

/** With `baseline: refuse`, red checks on HEAD mean that nobody could tell what an item broke. */
async function requireGreenBaseline(project: ProjectSession): Promise<void> {
  if (project.policy.profile.baseline !== 'refuse') return;
  const { baseline } = await viewProject(project.store.journal, project.project);
  const red = baseline?.checks.filter((check) => check.status !== 'green') ?? [];
  if (red.length === 0) return;
  throw new MeshwrightError(
    'baseline_red',
    `these checks were not green when the project was set up: ${red.map((check) => `${check.name} (${check.status})`).join(', ')}`,
    {
      hint: 'Repair them and run `meshwright init` again, or set `baseline: no_worse` in .mesh/mesh.yaml.',
      exitCode: 2,
    },
  );
}

async function readBrief(session: Session, given: string, options: AddOptions): Promise<Brief> {
  const { file, content } = await briefText(session, given);
  const parsed = parseBrief(file, content);
  const brief = requireLoaded('brief_invalid', parsed);
  const whole = {
    ...brief,
    criteria: [...brief.criteria, ...options.criteria],
    flow: options.flow ?? brief.flow,
  };
  requireBrief(whole);
  return whole;
}

/** A file, `-` for standard input, or the brief itself as text. */
async function briefText(session: Session, given: string): Promise<{ file: string; content: string }> {
  if (given === '-') {
    const file = '(standard input)';
    const read = await readTextStream(process.stdin, maxBriefBytes);
    // What is left of an endless input is nobody's; an open pipe would keep the process.
    process.stdin.destroy();
    return { file, content: read.ok ? read.text : refuseBrief(file, read) };
  }
  const read = await readTextFile(path.resolve(session.dir, given), maxBriefBytes);
  if (read.ok) return { file: given, content: read.text };
  const looksLikePath = !/\s/.test(given.trim()) && /[./\\]/.test(given);
  if (!looksLikePath && read.kind === 'missing') return { file: '(command line)', content: given };
  return refuseBrief(given, read);
}

function refuseBrief(file: string, { kind, problem }: UnreadText): never {
  if (kind === 'too_large' || kind === 'not_text')
    throw new MeshwrightError('brief_invalid', `${file}:1:1 the brief ${problem.replace(/^it /, '')}`, {
      hint: 'Give a markdown file, and what is large as a file of the repository.',
      exitCode: 2,
    });
  throw new MeshwrightError('brief_unreadable', `cannot read the brief ${file}: ${problem}`, {
    hint: 'Give a readable markdown file, `-` for standard input, or the brief as quoted text.',
    exitCode: 2,
  });
}

async function readPlan(session: Session, file: string): Promise<string> {
  const read = await readTextFile(path.resolve(session.dir, file), maxPlanBytes);
  if (!read.ok)
    throw new MeshwrightError('plan_unreadable', `cannot read the plan ${file}: ${read.problem}`, {
      hint: 'Give a readable JSON file, or leave --plan out: then a planner makes one.',
      exitCode: 2,
    });
  requireLoaded('plan_invalid', parsePlanFile(file, read.text));
  return read.text;
}

function requireLoaded<T>(code: string, loaded: Loaded<T>): T {
  const errors = loaded.diagnostics.filter((each) => each.severity === 'error');
  if (loaded.value !== undefined && errors.length === 0) return loaded.value;
  throw new MeshwrightError(code, errors.map(formatDiagnostic).join('\n'), {
    hint: 'Correct it and run the command again; nothing was added.',
    exitCode: 2,
  });
}

/** `2`, `#2` or `item:2`. @throws MeshwrightError `usage`. */
export function parseItemNumber(given: string): number {
  const match = /^(?:#|item:)?(\d{1,9})$/.exec(given);
  if (match) return Number(match[1]);
  throw new MeshwrightError('usage', `not an item: ${given}`, {
    hint: 'Give its number, e.g. 2.',
    exitCode: 2,
  });
}

/** @throws MeshwrightError `usage`. */
export function parseEventNumber(given: string): number {
  if (/^[1-9]\d{0,8}$/.test(given)) return Number(given);
  throw new MeshwrightError('usage', `not an event: ${given}`, {
    hint: 'Give its number, as `meshwright log` shows it.',
    exitCode: 2,
  });
}

/** `3`, `3.50` or `$3`. @throws MeshwrightError `usage`. */
export function parseUsd(given: string): number {
  const match = /^\$?(\d{1,7}(?:\.\d{1,6})?)$/.exec(given);
  if (match) return microUsdFromUsd(Number(match[1]));
  throw new MeshwrightError('usage', `not an amount: ${given}`, {
    hint: `Give dollars, e.g. ${formatUsd(3_000_000).slice(1)}.`,
    exitCode: 2,
  });
}
