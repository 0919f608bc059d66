/** Reads items of a project from the journal. */
import { MeshwrightError } from '../base/errors.ts';
import { itemReducer } from '../items/item-reducer.ts';
import type { ItemState } from '../items/item-state.ts';
import { foldItemEvents, itemStream } from '../items/item-stream.ts';
import type { StoredEvent } from '../journal/event.ts';
import { foldStream } from '../journal/fold-stream.ts';
import type { Journal } from '../journal/journal.ts';
import { readEach, type UnreadableStream } from './read-each.ts';

export interface ItemView {
  state: ItemState;
  events: StoredEvent[];
}

/** `at`: as it was after that event; null: as it is. @throws MeshwrightError `no_such_item`, `usage`. */
export async function viewItem(
  journal: Journal,
  project: string,
  number: number,
  at: number | null = null,
): Promise<ItemView> {
  const events = await journal.read(itemStream(project, number), at === null ? {} : { limit: at });
  if (events.length === 0) {
    throw new MeshwrightError('no_such_item', `there is no item ${number} in ${project}`, {
      hint: '`meshwright status` lists the items',
      exitCode: 2,
    });
  }
  if (at !== null && events.length < at) {
    throw new MeshwrightError('usage', `item ${number} has events 1 to ${events.length}`, {
      hint: `\`meshwright log ${number}\` numbers them.`,
      exitCode: 2,
    });
  }
  return { state: foldItemEvents(events), events };
}

/** Every item of the project, by number. */
export async function viewItems(
  journal: Journal,
  project: string,
): Promise<{ items: ItemState[]; unreadable: UnreadableStream[] }> {
  const heads = await journal.streams(project, { prefix: 'item:' });
  const { found, unreadable } = await readEach(heads, async (stream) => {
    return (await foldStream(journal, stream, itemReducer)).state;
  });
  return { items: found.sort((a, b) => a.number - b.number), unreadable };
}
