/** A step is on its item's branch at most once, what was on the branch stays, and what an item calls its head is there. */
import { itemBranch } from '../../items/item-refs.ts';
import { branchRef } from '../../worker/start-item.ts';
import { type CreateWatcher, findRepeated, trailerValues } from '../watch.ts';

const trailer = 'Meshwright-Step';

export const watchCommits: CreateWatcher = (watched) => ({
  onMove({ where, ref, from, to }) {
    if (where !== 'mirror' || !ref.startsWith('refs/heads/')) return;
    const history = watched.git.history(to);
    const steps = trailerValues(history, trailer);
    const twice = findRepeated(steps);
    if (twice !== undefined) watched.violate('one commit per step', `${ref} has ${twice} twice`);
    const before = from === null ? [] : trailerValues(watched.git.history(from), trailer);
    const lost = before.find((step) => !steps.includes(step));
    if (lost !== undefined) watched.violate('no work lost', `${ref} no longer has ${lost}`);
  },
  async atEnd() {
    for (const state of watched.items.values()) {
      if (state.head === null) continue;
      const head = watched.git.mirrorRefs.get(branchRef(itemBranch(state.number)));
      const isThere = head !== undefined && watched.git.history(head).some(({ id }) => id === state.head);
      if (!isThere) watched.violate('no work lost', `item ${state.number}: its head is not on its branch`);
    }
  },
});
