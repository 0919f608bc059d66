/** The commands pause, stop, kill and resume: each returns when it has taken effect, or says which worker did not say so. */
import { systemClock } from '../../base/clock.ts';
import { MeshwrightError } from '../../base/errors.ts';
import { newId } from '../../base/ids.ts';
import { describeScope, shortestScope } from '../../controls/control-scope.ts';
import {
  type Control,
  type ControlState,
  controlHeldBy,
  describeControl,
  describeLifting,
} from '../../controls/control-state.ts';
import { askOfItem } from '../../requests/ask-of-item.ts';
import { awaitObeyed } from '../../requests/await-obeyed.ts';
import { requireRaiser } from '../../requests/raise-ceiling.ts';
import { type NamedScope, readScope } from '../../requests/read-scope.ts';
import { clearControl, refuseResume, setControl, whatHolds } from '../../requests/set-control.ts';
import { controlOfItem, viewControls } from '../../views/control-view.ts';
import { viewItem } from '../../views/item-view.ts';
import { describeMachine, isOwnerDead } from '../../worker/owner.ts';
import type { ExitCode } from '../door.ts';
import { drive } from '../drive.ts';
import { parseUsd } from '../parse-arguments.ts';
import { type ProjectSession, type Session, withProject } from '../session.ts';
import { raiseWide, readWindow } from './raise.ts';

type Laid = Exclude<ControlState, 'running'>;

/** A killed agent's files are taken in before its worker says that it has ended. */
const longestWaitMs = 10_000;

const meaning: Readonly<Record<Laid, string>> = {
  paused: 'A call under way ends first; then nothing goes on.',
  stopped: 'A step under way ends first; then nothing begins.',
  killed: 'Nothing of it runs any more; files are kept.',
};

export async function controlCommand(session: Session, given: string, state: Laid): Promise<ExitCode> {
  return withProject<ExitCode>(session, { willWork: false, for: 'named' }, async (project) => {
    const { journal } = project.store;
    const on = await readScope(journal, project.project, given);
    const epoch = await setControl(requestOn(project, on), state);
    const unconfirmed = await waitFor(project, epoch);
    await report(project, on, { state, unconfirmed }, [
      `${capitalized(describeScope(on.scope))} is ${state}. ${unconfirmed.length === 0 ? meaning[state] : ''}`.trim(),
      `\`meshwright resume ${shortestScope(on.scope)}\` goes on.`,
    ]);
    return unconfirmed.length === 0 ? 0 : 1;
  });
}

export interface ResumeOptions {
  ceilingUsd?: string;
  window: string;
}

export async function resumeCommand(
  session: Session,
  given: string,
  options: ResumeOptions,
): Promise<ExitCode> {
  const ceilingMicroUsd = options.ceilingUsd === undefined ? null : parseUsd(options.ceilingUsd);
  return withProject<ExitCode>(session, { willWork: false, for: 'named' }, async (project) => {
    const { journal } = project.store;
    if (ceilingMicroUsd !== null && /^(host|mesh|cluster:.+)$/.test(given)) {
      await raiseWide(project, given, { ceilingMicroUsd, window: readWindow(options.window) });
      return 0;
    }
    const on = await readScope(journal, project.project, given);
    const controls = await viewControls(journal, project.project);
    const number = await resumeItem(project, on, {
      wasKilled: controlHeldBy(controls, on.scope, null)?.state === 'killed',
      ceilingMicroUsd,
    });
    const cleared = await clearControl(requestOn(project, on));
    if (number === null && cleared === null) throw refuseResume(on, controls);
    const unconfirmed = cleared ? await waitFor(project, cleared.epoch) : [];
    if (number !== null) {
      const scope = { items: new Set([number]), requestsOnly: true };
      await drive(project, { untilIdle: true, scope, isVerbose: false });
    }
    await report(project, on, { state: 'running', unconfirmed }, [
      ...(cleared ? [`${capitalized(describeScope(on.scope))} goes on.`] : []),
      ...(await whatIsLeft(project, on)),
    ]);
    return unconfirmed.length === 0 ? 0 : 1;
  });
}

/** An item that waits for a person of its own accord, or because an agent of it was killed; null: it does not. */
async function resumeItem(
  project: ProjectSession,
  { scope, item }: NamedScope,
  given: { wasKilled: boolean; ceilingMicroUsd: number | null },
): Promise<number | null> {
  const { ceilingMicroUsd } = given;
  if (item === null || (ceilingMicroUsd !== null && !scope.startsWith('item:'))) {
    if (ceilingMicroUsd === null) return null;
    throw new MeshwrightError('usage', `${describeScope(scope)} has no ceiling that is raised here`, {
      hint: 'Name an item.',
      exitCode: 2,
    });
  }
  const isPaused = item.status === 'paused';
  const isMeant = scope.startsWith('item:')
    ? isPaused || ceilingMicroUsd !== null
    : isPaused && given.wasKilled && item.pause?.reason === 'person';
  if (!isMeant) return null;
  if (ceilingMicroUsd !== null) requireRaiser(project.policy.ceilings.raiseBy, project.person);
  const { number } = item;
  const request = { kind: 'resume' as const, by: project.person, ceilingMicroUsd };
  await askOfItem({ journal: project.store.journal, newId, project: project.project, number, request });
  return number;
}

function requestOn(project: ProjectSession, on: NamedScope) {
  return { journal: project.store.journal, newId, project: project.project, on, by: project.person };
}

function waitFor(project: ProjectSession, epoch: number): Promise<string[]> {
  const machine = describeMachine();
  return awaitObeyed({
    journal: project.store.journal,
    project: project.project,
    epoch,
    isOwnerDead: (owner) => isOwnerDead(owner, machine),
    clock: systemClock,
    forMs: longestWaitMs,
  });
}

async function report(
  project: ProjectSession,
  { scope, item }: NamedScope,
  { state, unconfirmed }: { state: ControlState; unconfirmed: string[] },
  lines: string[],
): Promise<void> {
  const { terminal } = project;
  if (terminal.isJson) {
    terminal.json({ scope, state, unconfirmed, ...(await itemNow(project, item)) });
    return;
  }
  if (lines.length > 0) terminal.line(lines.join(' '));
  for (const worker of unconfirmed)
    terminal.warn(
      `The worker ${worker} has not confirmed it within ${longestWaitMs / 1000} s; without its database it drops its work by itself.`,
    );
}

/** `status` as a person sees it: what would go on but for a control is what the control makes of it. */
async function itemNow(project: ProjectSession, item: NamedScope['item']) {
  if (item === null) return { number: null, status: null };
  const { number } = item;
  const { journal } = project.store;
  const { state } = await viewItem(journal, project.project, number);
  const control = controlOfItem(await viewControls(journal, project.project), state);
  return { number, status: control?.state ?? state.status };
}

async function whatIsLeft(project: ProjectSession, { scope, item }: NamedScope): Promise<string[]> {
  const { journal } = project.store;
  const controls = await viewControls(journal, project.project);
  if (item === null) return stillHeld(whatHolds({ scope, item }, controls));
  const { state } = await viewItem(journal, project.project, item.number);
  const left = controlOfItem(controls, state);
  if (left) return stillHeld(left);
  return state.status === 'running' ? ['`meshwright run --until-idle` goes on with it.'] : [];
}

function stillHeld(control: Control | null): string[] {
  return control ? [`But ${describeControl(control)}; ${describeLifting(control)}.`] : [];
}

function capitalized(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
