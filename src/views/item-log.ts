/** All events of one item and its agents, in the order in which they happened; then what comes, when asked. */
import { itemStream } from '../items/item-stream.ts';
import { type StoredEvent, streamId } from '../journal/event.ts';
import type { Journal } from '../journal/journal.ts';
import { itemOf } from './describe-event.ts';

export async function* readItemLog(
  journal: Journal,
  project: string,
  number: number,
  options: { follow: boolean; signal: AbortSignal },
): AsyncIterable<StoredEvent> {
  const head = await journal.head();
  const heads = await journal.streams(project, { prefix: `${streamId('agent', project, number)}/` });
  // Budgets that its agents used up to the threshold are told to the mesh.
  const streams = [
    itemStream(project, number),
    streamId('mesh', project),
    ...heads.map(({ stream }) => stream),
  ];
  const histories = await Promise.all(streams.map((stream) => journal.read(stream)));
  const past = histories
    .flat()
    .filter((event) => itemOf(event) === number)
    .filter((event) => event.position <= head);
  yield* past.sort((a, b) => a.position - b.position);
  if (!options.follow) return;
  for await (const event of journal.follow({ after: head, project, signal: options.signal })) {
    if (itemOf(event) === number) yield event;
  }
}
