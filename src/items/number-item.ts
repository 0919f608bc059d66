/** Gives a new item the next number of its project. Several may be made at once; each gets one of its own. */
import { streamId } from '../journal/event.ts';
import type { Journal } from '../journal/journal.ts';
import { nextNumber } from '../journal/numbered-streams.ts';
import type { Unit } from '../journal/unit.ts';
import type { ItemEvent } from './item-event.ts';
import { itemStream, toNewEvent } from './item-stream.ts';

const maxTries = 50;

/** `makeUnit`: what creates the item's stream under that number. Returns the number. */
export async function appendNumbered(
  journal: Journal,
  project: string,
  makeUnit: (number: number) => Omit<Unit, 'project' | 'stream' | 'expectedVersion' | 'fence'>,
): Promise<number> {
  for (let tries = 0; tries < maxTries; tries += 1) {
    const number = await nextNumber(journal, (free) => itemStream(project, free));
    const stream = itemStream(project, number);
    const unit = { ...makeUnit(number), project, stream, expectedVersion: 0, fence: null };
    const outcome = await journal.append(unit);
    if (outcome.outcome === 'appended') return number;
    if (outcome.outcome === 'refused')
      throw new Error(`${stream}: the ledger refused ${outcome.refusal.account}`);
  }
  throw new Error(`${project}: gave up after ${maxTries} tries to number an item`);
}

/** A brief becomes an item of the mesh, whoever asks for it. The same `id` (a UUID) again makes no second one. */
export async function appendAdded(
  journal: Journal,
  project: string,
  request: { id: string; by: string; added: Omit<(ItemEvent & { kind: 'item.added' })['data'], 'number'> },
): Promise<number> {
  const mesh = streamId('mesh', project);
  const { id, by, added } = request;
  return appendNumbered(journal, project, (number) => ({
    id,
    claimUnit: mesh,
    events: [toNewEvent({ kind: 'item.added', data: { number, ...added } }, by)],
    posts: [{ stream: mesh, id: `added/${number}`, kind: 'item.added', actor: by, data: { item: number } }],
  }));
}
