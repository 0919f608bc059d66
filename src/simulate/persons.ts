/**
 * The persons of a world: they add the briefs, answer what waits for them, and ask for things out of turn. Their
 * messages may be late, come twice, or be out of date when they arrive.
 */

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
import type { Act, ItemPlan, Plan } from './plan.ts';
import { createRandom } from './random.ts';
import type { Scheduler } from './scheduler.ts';
import { SimulatedFault, type SimulatedProcess } from './simulated-process.ts';
import { simulatedProject as project } from './simulated-team.ts';

export interface PersonsOptions {
  plan: Plan;
  scheduler: Scheduler;
  process: SimulatedProcess;
  /** As the persons' process reaches it. */
  journal: Journal;
  newId: () => string;
  stateOf: (number: number) => ItemState | undefined;
  /** Commits that this item was ever ready with. */
  readyCommits: (number: number) => readonly string[];
  /** `accept 3 <commit>`: asked, whatever comes of it. */
  note: (request: string) => void;
  onError: (error: unknown) => void;
}

export interface Persons {
  /** Everything that the plan has for them is said. */
  areDone(): boolean;
  /** To be called when an item's status has changed. */
  look(number: number): void;
  /** They leave this item as it is for good. */
  isLeft(state: ItemState): boolean;
  planOf(number: number): ItemPlan;
}

/** How long until a person looks again at something that did not change. */
const impatienceMs = 25_000;

export function createPersons(options: PersonsOptions): Persons {
  const { plan, scheduler, stateOf } = options;
  const addedItems: ItemPlan[] = [];
  const answerCounts = new Map<string, number>();
  const watched = new Map<number, string>();
  let openCount = 0;

  const planOf = (number: number): ItemPlan => {
    const found = addedItems[number - 1] ?? plan.items[0];
    if (!found) throw new Error('a world without items');
    return found;
  };
  const later = (delayMs: number, act: () => Promise<void>): void => {
    openCount += 1;
    scheduler.after(delayMs * 1000, () => {
      act()
        .catch((error: unknown) => options.onError(error))
        .finally(() => {
          openCount -= 1;
        });
    });
  };
  const countUp = (key: string): number => {
    const count = (answerCounts.get(key) ?? 0) + 1;
    answerCounts.set(key, count);
    return count;
  };

  function isLeft(state: ItemState): boolean {
    if (state.status !== 'ready') return false;
    const { verdicts } = planOf(state.number);
    return (
      verdicts[Math.min(answerCounts.get(`ready ${state.number}`) ?? 0, verdicts.length - 1)] === 'nothing'
    );
  }

  /** What its person says to an item that waits; null: nothing. */
  function answerTo(state: ItemState): ItemRequest | null {
    const { verdicts, patience } = planOf(state.number);
    const by = 'ada';
    if (state.status === 'ready') {
      if (isLeft(state)) return null;
      const count = countUp(`ready ${state.number}`);
      const verdict = count > 6 ? 'reject' : verdicts[Math.min(count, verdicts.length) - 1];
      return verdict === 'reject'
        ? { kind: 'reject', by, reason: 'no' }
        : { kind: 'accept', by, commit: state.readyCommit ?? '' };
    }
    if (state.status !== 'paused') return null;
    if (countUp(`paused ${state.number}`) > patience) return { kind: 'cancel', by, reason: 'enough' };
    const needsMore = state.pause?.reason === 'ceiling';
    const ceiling = Math.max(state.ceilingMicroUsd ?? plan.world.itemCeilingMicroUsd, state.costMicroUsd);
    return { kind: 'resume', by, ceilingMicroUsd: needsMore ? ceiling * 2 + 1_000_000 : null };
  }

  function look(number: number): void {
    const state = stateOf(number);
    if (!state || (state.status !== 'ready' && state.status !== 'paused')) return;
    const what = `${state.status} ${state.eventCount}`;
    if (watched.get(number) === what) return;
    watched.set(number, what);
    const { answerMs } = planOf(number);
    later(answerMs, async () => {
      const now = stateOf(number);
      if (!now || `${now.status} ${now.eventCount}` !== what) return look(number);
      const request = answerTo(now);
      if (!request) return;
      await ask(options, number, request);
      scheduler.after(impatienceMs * 1000, () => {
        watched.delete(number);
        look(number);
      });
    });
  }

  for (const item of plan.items) {
    later(item.addMs, () => addPlanned(options, item, (number) => void (addedItems[number - 1] = item)));
  }
  for (const act of plan.acts) later(act.atMs, () => perform(options, act, later));
  return { areDone: () => openCount === 0, look, isLeft, planOf };
}

async function addPlanned(
  { plan, journal, newId }: PersonsOptions,
  item: ItemPlan,
  onAdded: (number: number) => void,
): Promise<void> {
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
  onAdded(await addItem({ journal, newId, project, brief, plan: ownPlan, by: 'person:ada' }));
}

/** Asks through the front door; a refusal there is an answer. */
async function ask(
  { journal, newId, note }: Pick<PersonsOptions, 'journal' | 'newId' | 'note'>,
  number: number,
  request: ItemRequest,
): Promise<void> {
  if (request.kind === 'accept') note(`accept ${number} ${request.commit}`);
  try {
    await askOfItem({ journal, newId, project, number, request });
  } catch (error) {
    if (!(error instanceof MeshwrightError) && !(error instanceof SimulatedFault)) throw error;
  }
}

async function perform(
  options: PersonsOptions,
  act: Act,
  later: (delayMs: number, act: () => Promise<void>) => void,
): Promise<void> {
  const { item: number, kind } = act;
  const state = options.stateOf(number);
  if (!state) return;
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
    case 'stale_accept':
    case 'odd_message':
      await journal.post(project, lateMessage(options, act));
  }
}

/** What no front door would let through any more, but was under way for long. */
function lateMessage({ readyCommits, newId, note }: PersonsOptions, act: Act): InboxPost {
  const stream: StreamId = itemStream(project, act.item);
  const post = { stream, id: `request/${newId()}`, actor: 'person:bob' };
  if (act.kind === 'odd_message') return { ...post, kind: 'item.gossip', data: {} };
  const commit = readyCommits(act.item)[0] ?? '0'.repeat(40);
  note(`accept ${act.item} ${commit}`);
  return { ...post, kind: 'item.request', data: { kind: 'accept', by: 'bob', commit } };
}
