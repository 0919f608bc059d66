/** Hands an item to a person: the request, and the clone that they work in. */
import { makeClone } from '../git/make-clone.ts';
import type { Mirror } from '../git/mirror.ts';
import { keptWorkRef } from '../items/item-refs.ts';
import type { ItemState, Takeover } from '../items/item-state.ts';

/** What an agent left of a step that it did not finish, as a branch of the person's clone. */
export interface UnfinishedWork {
  step: string;
  branch: string;
  commit: string;
}

/** Of the steps that failed or were cut short in the current round. */
export async function findUnfinishedWork(mirror: Mirror, state: ItemState): Promise<UnfinishedWork[]> {
  const found: UnfinishedWork[] = [];
  const { number, phase } = state;
  for (const [step, run] of Object.entries(phase?.steps ?? {})) {
    const commit =
      run.status === 'done' ? null : await mirror.resolve(keptWorkRef(number, phase?.round ?? 0, step));
    if (commit !== null) found.push({ step, branch: `unfinished/${step}`, commit });
  }
  return found;
}

export interface TakeoverClone {
  mirror: Mirror;
  number: number;
  takeover: Takeover;
  target: string;
  unfinished: readonly UnfinishedWork[];
  /** Kept in the clone's git folder, where no commit takes it along. */
  text: string;
}

export const takeoverNote = 'TAKEOVER.md';

/**
 * An ordinary clone in `takeover.folder` with the item's branch checked out. It has no address to push to: what is made there
 * comes back by being handed back, and by nothing else.
 * @throws MeshwrightError `folder_not_empty` (exit 2), `git_failed`.
 */
export async function makeTakeoverClone(request: TakeoverClone): Promise<void> {
  const { mirror, number, takeover, target, unfinished } = request;
  const { branch, commit, folder } = takeover;
  await makeClone({
    mirrorDir: mirror.dir,
    folder,
    branch,
    commit,
    others: Object.fromEntries(unfinished.map((work) => [work.branch, work.commit])),
    remotes: { [target]: `refs/imported/${target}`, [branch]: `refs/heads/${branch}` },
    pushNotice: `/dev/null/nothing-is-pushed-there,-use:-meshwright-handback-${number}`,
    notes: { [takeoverNote]: request.text },
  });
}
