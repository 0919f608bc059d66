/** Names of an item's branch and of its other refs in the mirror. */
import type { StepKey } from './item-event.ts';

export function itemBranch(number: number): string {
  return `mesh/${number}`;
}

/** What an attempt of the step that did not end well had made so far; the next one starts from it. */
export function keptWorkRef(item: number, round: number, step: StepKey): string {
  return `refs/meshwright/kept/${item}/${round}/${step}`;
}

/** A commit that a person handed back; named by itself, so that two of them never meet. */
export function handedBackRef(item: number, commit: string): string {
  return `refs/meshwright/handed-back/${item}/${commit}`;
}
