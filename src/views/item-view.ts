/** Reads items of a project from the journal. */
import { MeshwrightError } from '../base/errors.ts';
import { itemReducer } from '../items/item-reducer.ts';
import type { ItemState } from '../items/item-state.ts';
import { foldItemEvents, itemStream } from '../items/item-stream.ts';
import type { StoredEvent } from '../journal/event.ts';
import { foldStream } from '../journal/fold-stream.ts';
import type { Journal } from '../journal/journal.ts';

export interface ItemView {
  state: ItemState;
  events: StoredEvent[];
}

/** @throws MeshwrightError `no_such_item`. */
export async function viewItem(journal: Journal, project: string, number: number): Promise<ItemView> {
  const events = await journal.read(itemStream(project, number));
  if (events.length === 0) {
    throw new MeshwrightError('no_such_item', `there is no item ${number} in ${project}`, {
      hint: '`meshwright status` lists the items',
      exitCode: 2,
    });
  }
  return { state: foldItemEvents(events), events };
}

/** Every item of the project, by number. */
export async function viewItems(journal: Journal, project: string): Promise<ItemState[]> {
  const heads = await journal.streams(project, { prefix: 'item:' });
  const states: ItemState[] = [];
  for (const { stream } of heads) states.push((await foldStream(journal, stream, itemReducer)).state);
  return states.sort((a, b) => a.number - b.number);
}
