/**
 * Nothing an agent wrote is thrown away when its run is cut short: its files become a commit under a ref of their own,
 * and the step's next attempt starts from it.
 */
import { keptWorkRef } from '../items/item-refs.ts';
import type { ItemState } from '../items/item-state.ts';
import type { StepEffect } from './effect.ts';
import { authorOf } from './step-commit.ts';
import type { WorkerContext } from './worker-context.ts';

function keptRef(state: ItemState, effect: StepEffect): string {
  return keptWorkRef(state.number, effect.round, effect.step);
}

/** Stores the tree as a commit on the step's base; nothing when the tree is the base's. */
export async function keepWork(
  context: WorkerContext,
  state: ItemState,
  effect: StepEffect,
  tree: string,
): Promise<void> {
  const { mirror } = context;
  if (!effect.stepDefinition.commits || tree === (await mirror.treeOf(effect.base))) return;
  const commit = await mirror.commitTree({
    tree,
    parents: [effect.base],
    message: `Unfinished work of ${effect.agent}`,
    trailers: {},
    ...authorOf(effect.role),
    at: context.clock.now(),
  });
  const ref = keptRef(state, effect);
  await mirror.moveRef(ref, await mirror.resolve(ref), commit);
}

/** A commit on top of the step's base with an earlier attempt's files merged in; null when there are none or they conflict. */
export async function keptWork(
  context: WorkerContext,
  state: ItemState,
  effect: StepEffect,
): Promise<string | null> {
  const { mirror } = context;
  const kept = effect.attempt > 1 ? await mirror.resolve(keptRef(state, effect)) : null;
  if (!kept) return null;
  const merged = await mirror.mergeTree({ ours: effect.base, theirs: kept });
  if (!merged.ok) return null;
  return mirror.commitTree({
    tree: merged.tree,
    parents: [effect.base],
    message: `Earlier work on ${effect.step}`,
    trailers: {},
    ...authorOf(effect.role),
    at: context.clock.now(),
  });
}
