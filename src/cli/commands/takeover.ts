/** The commands that hand an item to a person and take it back: takeover, handback. */
import path from 'node:path';
import { MeshwrightError } from '../../base/errors.ts';
import { newId } from '../../base/ids.ts';
import { requireEmptyFolder } from '../../git/make-clone.ts';
import type { ItemState, Takeover } from '../../items/item-state.ts';
import type { ItemRequest } from '../../items/judge-request.ts';
import { askOfItem } from '../../requests/ask-of-item.ts';
import { collectHandback } from '../../requests/collect-handback.ts';
import { personHandle } from '../../requests/person-handle.ts';
import { requireNamed } from '../../requests/require-named.ts';
import {
  findUnfinishedWork,
  makeTakeoverClone,
  takeoverNote,
  type UnfinishedWork,
} from '../../requests/take-over-item.ts';
import { requireStakeholders } from '../../views/configuration.ts';
import { viewItemAsks } from '../../views/item-asks.ts';
import { type ItemView, viewItem } from '../../views/item-view.ts';
import { takeoverText } from '../../views/takeover-text.ts';
import type { ExitCode } from '../door.ts';
import { drive } from '../drive.ts';
import { type ProjectSession, type Session, withProject } from '../session.ts';
import { openMirrorOf } from './read.ts';

export interface TakeoverOptions {
  to?: string;
  into?: string;
}

export async function takeoverCommand(
  session: Session,
  number: number,
  options: TakeoverOptions,
): Promise<ExitCode> {
  return withProject<ExitCode>(session, { willWork: false, for: 'named' }, async (project) => {
    const to = options.to === undefined ? session.person : personHandle(options.to);
    requireNamed(requireStakeholders(project.configuration), to);
    const before = await look(project, number);
    const folder = folderFor(project, number, { into: options.into, to, takeover: before.state.takeover });
    await requireEmptyFolder(folder);
    // Taken over already, and the clone is gone or was never made: it is made again.
    if (before.state.takeover?.to !== to || before.state.takeover.folder !== folder) {
      await askAndWait(project, before, { kind: 'takeover', by: session.person, to, folder });
    }
    const { state } = await look(project, number);
    const { takeover } = state;
    if (takeover?.folder !== folder) throw refused(number, `it is ${state.status} by now`);
    const unfinished = await handOut(project, state, takeover);
    if (session.terminal.isJson) {
      const { branch, commit } = takeover;
      session.terminal.json({ number, status: state.status, to, folder, branch, commit, unfinished });
    }
    return 0;
  });
}

/** By default beside the repository. A takeover that lost its clone gets it where it was. */
function folderFor(
  { repository, project, dir }: ProjectSession,
  number: number,
  wanted: { into: string | undefined; to: string; takeover: Takeover | null },
): string {
  if (wanted.into !== undefined) return path.resolve(dir, wanted.into);
  if (wanted.takeover?.to === wanted.to) return wanted.takeover.folder;
  return path.join(path.dirname(repository.root), `${project}-item-${number}`);
}

async function handOut(
  project: ProjectSession,
  state: ItemState,
  takeover: Takeover,
): Promise<UnfinishedWork[]> {
  const { terminal, store, policy, repository } = project;
  const mirror = await openMirrorOf(project);
  const unfinished = await findUnfinishedWork(mirror, state);
  const { checks } = policy.profile;
  const { events } = await look(project, state.number);
  const asked = await viewItemAsks(store.journal, project.project, events);
  const inputs = { state, takeover, repository: repository.root, checks, unfinished, asked };
  const text = await takeoverText(store.journal, inputs);
  const target = state.target ?? policy.targetBranch;
  await makeTakeoverClone({ mirror, number: state.number, takeover, target, unfinished, text });
  if (terminal.isJson) return unfinished;
  terminal.line();
  for (const line of text.trimEnd().split('\n')) {
    terminal.line(line.startsWith('#') ? terminal.style('bold', line) : line);
  }
  terminal.line();
  terminal.line(terminal.style('dim', `This text is in ${path.join(takeover.folder, '.git', takeoverNote)}`));
  return unfinished;
}

export interface HandbackOptions {
  from?: string;
  note?: string;
  abandon: boolean;
}

export async function handbackCommand(
  session: Session,
  number: number,
  options: HandbackOptions,
): Promise<ExitCode> {
  const { terminal } = session;
  return withProject<ExitCode>(session, { willWork: false, for: 'named' }, async (project) => {
    const before = await look(project, number);
    const note = options.note?.trim() || null;
    const { takeover } = before.state;
    // Of an item that nobody has, the request itself is refused, with what is possible instead.
    const commit =
      takeover && !options.abandon ? await collect(project, number, { takeover, ...options }) : null;
    if (takeover && commit === null && note === null && !options.abandon) throw nothingHandedBack(takeover);
    await askAndWait(project, before, { kind: 'handback', by: session.person, commit, note });
    const { state } = await look(project, number);
    if (terminal.isJson) terminal.json({ number, status: state.status, commit });
    else if (state.status === 'running') terminal.line('`meshwright run --until-idle` goes on with it.');
    return 0;
  });
}

async function collect(
  project: ProjectSession,
  number: number,
  { takeover, from }: { takeover: Takeover; from?: string },
): Promise<string | null> {
  const folder = from === undefined ? takeover.folder : path.resolve(project.dir, from);
  return collectHandback({ mirror: await openMirrorOf(project), number, takeover, folder });
}

function nothingHandedBack(takeover: Takeover): MeshwrightError {
  return new MeshwrightError(
    'nothing_handed_back',
    `nothing was committed on ${takeover.branch} in ${takeover.folder} since it was handed out`,
    {
      hint: 'Commit there first; or give --note for the next agents, or --abandon to give it back as it was.',
      exitCode: 2,
    },
  );
}

async function look(project: ProjectSession, number: number): Promise<ItemView> {
  return viewItem(project.store.journal, project.project, number);
}

/**
 * Posts the request and waits until the item's owner, here or in another process, has dealt with it.
 * @throws MeshwrightError `request_refused` also when the item changed in between and its owner said no.
 */
async function askAndWait(project: ProjectSession, before: ItemView, request: ItemRequest): Promise<void> {
  const { journal } = project.store;
  const { number } = before.state;
  await askOfItem({ journal, newId, project: project.project, number, request });
  const scope = { items: new Set([number]), requestsOnly: true };
  await drive(project, { untilIdle: true, scope, isVerbose: false });
  const { events } = await look(project, number);
  const ignored = events
    .filter((event) => event.version > before.events.length && event.kind === 'item.message_ignored')
    .find((event) => event.actor === `person:${request.by}`);
  if (ignored) throw refused(number, String(ignored.data.reason));
}

function refused(number: number, reason: string): MeshwrightError {
  return new MeshwrightError('request_refused', `item ${number}: ${reason}`);
}
