/** The project at a glance: every item, what waits for a person, what was spent. */
import type { Control } from '../controls/control-state.ts';
import { findWaits } from '../items/find-waits.ts';
import type { PauseReason } from '../items/item-event.ts';
import type { ItemState, ItemStatus } from '../items/item-state.ts';
import type { Journal } from '../journal/journal.ts';
import { itemAccount } from '../ledger/account-names.ts';
import { controlOfItem, controlsInForce, describeControlShort, viewControls } from './control-view.ts';
import { viewItems } from './item-view.ts';
import { type ProjectView, viewProject } from './project-view.ts';
import type { UnreadableStream } from './read-each.ts';
import { findUnmetered } from './unmetered.ts';

export interface StatusView {
  project: ProjectView;
  items: ItemRow[];
  /** Items that this version cannot show; usually none. */
  unreadable: UnreadableStream[];
  /** What persons paused, stopped or killed, and nobody resumed. */
  controls: Control[];
  /** Somebody is driving the cluster right now. */
  isWorkerRunning: boolean;
  spentMicroUsd: number;
}

export interface ItemRow {
  number: number;
  title: string;
  status: ItemStatus;
  phase: string | null;
  round: number | null;
  /** Steps running now: `build/T1/developer`. */
  running: string[];
  /** One line: what a person should know or do; null when nothing. */
  note: string | null;
  spentMicroUsd: number;
  ceilingMicroUsd: number | null;
  pauseReason: PauseReason | null;
  /** What its steps wait for: `Q-7`, `A-2`. */
  waitsFor: string[];
  /** It takes no place in the cluster meanwhile. */
  isParked: boolean;
  /** The control that keeps it from going on; null: none. */
  control: Control | null;
  readyCommit: string | null;
  landedCommit: string | null;
  /** Outside agents whose spending is not in `spentMicroUsd`. */
  unmetered: string[];
}

export async function viewStatus(journal: Journal, project: string): Promise<StatusView> {
  const items: ItemRow[] = [];
  const found = await viewItems(journal, project);
  const controls = await viewControls(journal, project);
  const unmetered = await findUnmetered(journal, project);
  const accounts = await journal.accountsNamed(found.items.map(({ number }) => itemAccount(project, number)));
  for (const state of found.items) {
    const control = controlOfItem(controls, state);
    const account = accounts.get(itemAccount(project, state.number));
    items.push({
      number: state.number,
      title: state.title,
      status: state.status,
      phase: state.phase?.name ?? null,
      round: state.phase?.round ?? null,
      running: Object.entries(state.phase?.steps ?? {})
        .filter(([, step]) => step.status === 'running')
        .map(([key]) => key),
      note: control ? describeControlShort(control) : (noteOf(state) ?? waitNote(state)),
      waitsFor: findWaits(state).map(({ ask }) => ask),
      isParked: state.isParked,
      spentMicroUsd: account?.spentMicroUsd ?? 0,
      ceilingMicroUsd: account?.ceilingMicroUsd ?? state.ceilingMicroUsd,
      pauseReason: state.pause?.reason ?? null,
      control,
      readyCommit: state.readyCommit,
      landedCommit: state.landedCommit,
      unmetered: unmetered.flatMap(({ item, agent }) => (item === state.number ? [agent] : [])),
    });
  }
  const cluster = (await journal.streams(project, { prefix: 'cluster:' }))[0];
  return {
    project: await viewProject(journal, project),
    items,
    unreadable: found.unreadable,
    controls: controlsInForce(controls, found.items),
    isWorkerRunning: Boolean(cluster?.owner),
    spentMicroUsd: items.reduce((sum, item) => sum + item.spentMicroUsd, 0),
  };
}

function waitNote(state: ItemState): string | null {
  const asks = [...new Set(findWaits(state).map(({ ask }) => ask))];
  if (asks.length === 0) return null;
  return `${state.isParked ? 'parked, ' : ''}waits for ${asks.join(', ')}: \`meshwright questions\``;
}

function noteOf(state: ItemState): string | null {
  switch (state.status) {
    case 'ready':
      return state.refusal?.findings[0]?.message ?? `meshwright diff ${state.number}, then accept or reject`;
    case 'paused':
      return state.pause ? `${state.pause.message}; asks ${state.pause.ask}` : null;
    case 'taken_over':
      return state.takeover
        ? `${state.takeover.to} has it in ${state.takeover.folder}; meshwright handback ${state.number} when it is done`
        : null;
    default:
      return null;
  }
}
