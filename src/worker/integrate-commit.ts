/**
 * Puts one step's commit on the item's branch. Developers who worked side by side started from the same head: the
 * second one's change is merged onto the first one's as a commit of its own, or comes back as a conflict.
 */
import type { Finding } from '../artifacts/finding.ts';
import type { ItemState } from '../items/item-state.ts';
import type { StepEffect } from './effect.ts';
import { branchRef, itemBranch } from './start-item.ts';
import { commitStep, stepTrailer } from './step-commit.ts';
import type { WorkerContext } from './worker-context.ts';

export type Integration =
  | { ok: true; head: string }
  | { ok: false; failure: { reason: 'merge_conflict'; message: string; findings: Finding[] } };

/** Runs in the item's own turn, so nothing else moves the branch meanwhile; the compare-and-swap proves it. */
export async function integrateCommit(
  context: WorkerContext,
  state: ItemState,
  effect: StepEffect,
  change: { commit: string; summary: string },
): Promise<Integration> {
  const { mirror } = context;
  const { commit, summary } = change;
  const ref = branchRef(itemBranch(state.number));
  const head = await mirror.resolve(ref);
  if (head === null) throw new Error(`${ref} is gone from the mirror`);
  if (await mirror.findByTrailer(ref, stepTrailer, effect.agent)) return { ok: true, head };
  if (head === effect.base) {
    if (!(await mirror.moveRef(ref, head, commit))) throw new Error(`${ref} was moved by somebody else`);
    return { ok: true, head: commit };
  }
  const merged = await mirror.mergeTree({ ours: head, theirs: commit });
  if (!merged.ok) return { ok: false, failure: conflict(effect, merged.conflicts) };
  const rebased = await commitStep(context, state, effect, { tree: merged.tree, parent: head, summary });
  if (!(await mirror.moveRef(ref, head, rebased))) throw new Error(`${ref} was moved by somebody else`);
  return { ok: true, head: rebased };
}

function conflict(effect: StepEffect, files: readonly string[]) {
  return {
    reason: 'merge_conflict' as const,
    message: `${effect.task ?? effect.role} conflicts with work that was finished meanwhile`,
    findings: files.map((file) => ({
      source: 'merge',
      message: 'another task changed the same lines meanwhile; start from what is there now',
      file,
      line: null,
      output: null,
    })),
  };
}
