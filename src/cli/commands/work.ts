/** The commands that drive work: run, accept, reject, cancel. */
import { newId } from '../../base/ids.ts';
import type { ItemRequest } from '../../items/judge-request.ts';
import { askOfItem } from '../../requests/ask-of-item.ts';
import { requireValid } from '../../views/configuration.ts';
import { viewItem } from '../../views/item-view.ts';
import { viewStatus } from '../../views/status-view.ts';
import { viewWaiting } from '../../views/waiting-view.ts';
import type { ExitCode } from '../door.ts';
import { drive, exitCodeOf } from '../drive.ts';
import { register, requireGreenBaseline } from '../prepare-project.ts';
import { questionFacts } from '../question-facts.ts';
import { type ProjectSession, type Session, withProject } from '../session.ts';
import { describeWaiting } from '../waiting-lines.ts';

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
