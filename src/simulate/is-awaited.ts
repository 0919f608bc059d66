/** Whether anybody waits for the answer to a question, as the items say it: some agent that asked it still sits at its step. Pure. */
import type { ItemState } from '../items/item-state.ts';
import type { QuestionState } from '../questions/question-state.ts';

/** What the product itself asks is always awaited. */
export function isAwaited({ isOwn, askers }: QuestionState, items: Iterable<ItemState>): boolean {
  if (isOwn) return true;
  const agents = new Set<string>(askers.map(({ agent }) => agent));
  return [...items].some((item) =>
    Object.values(item.phase?.steps ?? {}).some(
      ({ agent, status }) => status === 'running' && item.status !== 'canceled' && agents.has(agent),
    ),
  );
}
