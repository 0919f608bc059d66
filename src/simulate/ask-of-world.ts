/** What persons of a world do to it, through the product's own front doors, or behind them with what was under way for long. */
import { MeshwrightError } from '../base/errors.ts';
import type { ItemState } from '../items/item-state.ts';
import { itemStream } from '../items/item-stream.ts';
import type { ItemRequest } from '../items/judge-request.ts';
import type { StreamId } from '../journal/event.ts';
import type { Journal } from '../journal/journal.ts';
import type { InboxPost } from '../journal/unit.ts';
import { addItem } from '../requests/add-item.ts';
import { askOfItem } from '../requests/ask-of-item.ts';
import { makePlan } from './brains.ts';
import type { MemoryGit } from './memory-git.ts';
import { sortedTree } from './merge-trees.ts';
import type { Act, ItemPlan, Plan } from './plan.ts';
import { createRandom } from './random.ts';
import type { Scheduler } from './scheduler.ts';
import { simulatedProject as project } from './simulated-team.ts';

export interface PersonsOptions {
  plan: Plan;
  scheduler: Scheduler;
  /** As the persons' process reaches it. */
  journal: Journal;
  newId: () => string;
  stateOf: (number: number) => ItemState | undefined;
  /** Commits that this item was ever ready with. */
  readyCommits: (number: number) => readonly string[];
  git: MemoryGit;
  /** `accept 3 <commit>`: asked, whatever comes of it. */
  note: (request: string) => void;
  onError: (error: unknown) => void;
}

/** Returns the number that the item got. */
export async function addPlanned({ plan, journal, newId }: PersonsOptions, item: ItemPlan): Promise<number> {
  const { id, flow, priority, ceilingMicroUsd, hasPlan, taskCount } = item;
  const random = createRandom('own plan', plan.seed, id);
  const brief = {
    title: `Brief ${id}`,
    text: `Please do number ${id}.`,
    criteria: ['it works'],
    priority,
    tags: [],
    flow,
    ceilingMicroUsd,
  };
  const ownPlan = hasPlan && flow !== 'solo' ? JSON.stringify(makePlan(random, taskCount)) : null;
  return addItem({ journal, newId, project, brief, plan: ownPlan, by: 'person:ada' });
}

/** Asks through the front door; a refusal there is an answer. */
export async function ask(
  { journal, newId, note }: Pick<PersonsOptions, 'journal' | 'newId' | 'note'>,
  number: number,
  request: ItemRequest,
): Promise<void> {
  if (request.kind === 'accept') note(`accept ${number} ${request.commit}`);
  try {
    await askOfItem({ journal, newId, project, number, request });
  } catch (error) {
    if (!(error instanceof MeshwrightError)) throw error;
  }
}

/** Who accepts waits until there is something to accept. */
const waitMs = 200;
const mostTries = 60;

/** An act out of turn. Its message may be late, come twice, or be out of date when it arrives. */
export async function perform(
  options: PersonsOptions,
  act: Act,
  later: (delayMs: number, act: () => Promise<void>) => void,
  tries = 0,
): Promise<void> {
  const { item: number, kind } = act;
  const state = options.stateOf(number);
  if (!state) return;
  if (act.kind === 'stale_accept' && state.status !== 'ready' && tries < mostTries) {
    return later(waitMs, () => perform(options, act, later, tries + 1));
  }
  const journal: Journal = {
    ...options.journal,
    post: async (project, post) => {
      const send = async (): Promise<void> => void (await options.journal.post(project, post));
      if (act.twice !== null) later(act.lateMs + act.twice, send);
      later(act.lateMs, send);
      return 'posted';
    },
  };
  const parts = { ...options, journal };
  const by = 'bob';
  switch (kind) {
    case 'pause':
      return ask(parts, number, { kind, by, message: 'wait' });
    case 'cancel':
    case 'reject':
      return ask(parts, number, { kind, by, reason: 'changed my mind' });
    case 'resume':
      return ask(parts, number, { kind, by, ceilingMicroUsd: null });
    case 'accept':
      return ask(parts, number, { kind, by, commit: state.readyCommit ?? '' });
    case 'takeover':
      return ask(parts, number, { kind, by, to: 'cleo', folder: `/simulated/clones/${number}` });
    case 'stale_accept':
    case 'odd_message':
      await journal.post(project, lateMessage(options, act));
  }
}

/** What no front door would let through any more, but was under way for long. */
function lateMessage({ readyCommits, stateOf, newId, note }: PersonsOptions, act: Act): InboxPost {
  const stream: StreamId = itemStream(project, act.item);
  const post = { stream, id: `request/${newId()}`, actor: 'person:bob' };
  if (act.kind === 'odd_message') return { ...post, kind: 'item.gossip', data: {} };
  const state = stateOf(act.item);
  const isOld = (commit: string): boolean => commit !== state?.readyCommit;
  const commit = readyCommits(act.item).find(isOld) ?? state?.base ?? '0'.repeat(40);
  note(`accept ${act.item} ${commit}`);
  return { ...post, kind: 'item.request', data: { kind: 'accept', by: 'bob', commit } };
}

/** What a person who took an item over says in the end: mostly a commit of their own, sometimes one that does not fit. */
export function handBack(
  { git, plan }: Pick<PersonsOptions, 'git' | 'plan'>,
  state: ItemState,
  count: number,
): ItemRequest {
  const by = 'cleo';
  const random = createRandom('handback', plan.seed, state.number, count);
  const out = state.takeover?.commit ?? '';
  if (count > 4 || random.chance(0.1)) return { kind: 'cancel', by, reason: 'not worth it' };
  if (random.chance(0.2)) return { kind: 'handback', by, commit: null, note: null };
  const note = random.chance(0.3) ? 'mind the shared file' : null;
  if (random.chance(0.2)) return { kind: 'handback', by, commit: null, note: note ?? 'go on like this' };
  const files = new Map(git.filesOf(out));
  for (const [path, content] of files)
    if (/BROKEN|<<<<<<</.test(content)) files.set(path, 'mended by hand\n');
  files.set(`src/by-hand-${state.number}.txt`, `written by ${by}, time ${count}\n`);
  const parents = random.chance(0.15) ? [] : [out];
  const tree = git.putTree(sortedTree(files));
  const commit = git.addCommit({ tree, parents, message: 'By hand', trailers: {}, at: count });
  return { kind: 'handback', by, commit, note };
}
