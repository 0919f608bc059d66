/** Whether something of the project can still go on without a person, here or in another worker. */
import { foldItemEvents } from '../items/item-stream.ts';
import type { WorkerContext } from './worker-context.ts';

export async function hasWorkLeft(
  context: WorkerContext,
  only: ReadonlySet<number> | null,
): Promise<boolean> {
  const heads = await context.journal.streams(context.project, { prefix: 'item:' });
  const messages = await Promise.all(
    [...new Set(heads.map((head) => head.claimUnit))].map((unit) => context.journal.inbox(unit)),
  );
  const addressed = new Set(messages.flat().map((message) => message.stream));
  for (const { stream } of heads) {
    const { number, status } = foldItemEvents(await context.journal.read(stream));
    if (only && !only.has(number)) continue;
    if (status === 'queued' || status === 'running' || status === 'landing' || addressed.has(stream))
      return true;
  }
  return false;
}
