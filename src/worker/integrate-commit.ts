/**
 * Puts one step's commit on the item's branch. Developers who worked side by side started from the same head: the
 * second one's change is merged onto the first one's as a commit of its own, or comes back as a conflict.
 */
import type { Finding } from '../artifacts/finding.ts';
import { itemBranch } from '../items/item-refs.ts';
import type { ItemState } from '../items/item-state.ts';
import type { StepEffect } from './effect.ts';
import { branchRef } from './start-item.ts';
import { commitStep, stepTrailer } from './step-commit.ts';
import type { WorkerContext } from './worker-context.ts';

export type Integration =
  | { ok: true; head: string }
  | { ok: false; failure: { reason: 'merge_conflict'; message: string; findings: Finding[] } };

/** A predecessor that was stopped in the middle may still make its one move; each is seen by the compare-and-swap. */
const mostRounds = 5;

/** Runs in the item's own turn, so nothing else of this worker moves the branch meanwhile. */
export async function integrateCommit(
  context: WorkerContext,
  state: ItemState,
  effect: StepEffect,
  change: { commit: string; summary: string },
): Promise<Integration> {
  const { mirror } = context;
  const { commit, summary } = change;
  const ref = branchRef(itemBranch(state.number));
  for (let round = 0; round < mostRounds; round += 1) {
    const head = await mirror.resolve(ref);
    if (head === null) throw new Error(`${ref} is gone from the mirror`);
    if (await mirror.findByTrailer(ref, stepTrailer, effect.agent)) return { ok: true, head };
    let next = commit;
    if (head !== effect.base) {
      const merged = await mirror.mergeTree({ ours: head, theirs: commit });
      if (!merged.ok) return { ok: false, failure: conflict(effect, merged.conflicts) };
      next = await commitStep(context, state, effect, { tree: merged.tree, parent: head, summary });
    }
    if (await mirror.moveRef(ref, head, next)) return { ok: true, head: next };
  }
  throw new Error(`${ref} was moved by somebody else, again and again`);
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
