/** The one commit that a step's changes become: same message and trailers wherever on the branch it ends up. */
import type { ItemState } from '../items/item-state.ts';
import type { StepEffect } from './effect.ts';
import type { WorkerContext } from './worker-context.ts';

/** Identifies a step's run on the branch: looked up before anything is repeated. */
export const stepTrailer = 'Meshwright-Step';

export interface StepChange {
  tree: string;
  parent: string;
  summary: string;
}

/** Returns the commit id. */
export async function commitStep(
  context: WorkerContext,
  state: ItemState,
  effect: StepEffect,
  change: StepChange,
): Promise<string> {
  const what = effect.task ? `${effect.role}, ${effect.task}` : effect.role;
  return context.mirror.commitTree({
    tree: change.tree,
    parents: [change.parent],
    message: `${state.title} (${what})\n\n${change.summary.trim().slice(0, 2000)}`.trim(),
    trailers: { 'Meshwright-Item': `${context.project}/${state.number}`, [stepTrailer]: effect.agent },
    ...authorOf(effect.role),
    at: context.clock.now(),
  });
}

/** Agents have no address; `.invalid` can never be one. */
export function authorOf(role: string): { authorName: string; authorEmail: string } {
  return { authorName: `Meshwright ${role}`, authorEmail: `${role}@meshwright.invalid` };
}
