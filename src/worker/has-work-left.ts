/** Whether something of the project can still go on without a person, here or in another worker. */
import type { ItemStatus } from '../items/item-state.ts';
import { foldItemEvents } from '../items/item-stream.ts';
import type { Scope } from './unit-driver.ts';
import type { WorkerContext } from './worker-context.ts';

const canGoOn: readonly ItemStatus[] = ['queued', 'running', 'landing'];

export async function hasWorkLeft(context: WorkerContext, scope: Scope): Promise<boolean> {
  const heads = await context.journal.streams(context.project, { prefix: 'item:' });
  const messages = await Promise.all(
    [...new Set(heads.map((head) => head.claimUnit))].map((unit) => context.journal.inbox(unit)),
  );
  const addressed = new Set(messages.flat().map((message) => message.stream));
  for (const { stream } of heads) {
    const { number, status } = foldItemEvents(await context.journal.read(stream));
    if (scope.items && !scope.items.has(number)) continue;
    if (addressed.has(stream)) return true;
    if (!scope.requestsOnly && canGoOn.includes(status)) return true;
  }
  return false;
}
