/** No more items are begun than there are places, and one that is parked gives its place to the next. */
import type { ItemState } from '../../items/item-state.ts';
import type { CreateWatcher } from '../watch.ts';

/** Until a worker that nothing disturbs has begun what it may. */
const patienceMs = 10_000;

export const watchPlaces: CreateWatcher = (watched) => {
  const { plan } = watched;
  const { itemsAtOnce, workers } = plan.world;
  /** Nothing but the items themselves keeps an item from beginning. */
  const isUndisturbed = plan.faults.length === 0 && plan.controls.length === 0 && !workers[0]?.isUntilIdle;
  /** Begun where there was room; who is resumed goes on whether there is room or not. */
  const begun = new Set<string>();
  let freeSinceMs: number | null = null;

  return {
    onEvent({ stream, kind }) {
      const item = watched.items.get(stream);
      if (item && !isAtWork(item)) begun.delete(stream);
      if (kind !== 'item.started' && kind !== 'item.requeued') return;
      begun.add(stream);
      const { size } = begun;
      if (size > itemsAtOnce)
        watched.violate('places', `${stream} is at work as the ${size}. of ${itemsAtOnce}`);
    },
    async afterStep() {
      if (!isUndisturbed) return;
      const items = [...watched.items.values()];
      const isBlocked = [...watched.questions.values()].some(
        ({ mode, isMeshPaused }) => mode === 'block' || isMeshPaused,
      );
      const wantsOne = items.find(({ status, cluster }) => status === 'queued' && cluster !== null);
      const isFree = wantsOne && !isBlocked && items.filter(isAtWork).length < itemsAtOnce;
      if (!isFree) freeSinceMs = null;
      else freeSinceMs ??= watched.nowMs();
      if (freeSinceMs !== null && watched.nowMs() - freeSinceMs > patienceMs) {
        watched.violate('places', `item ${wantsOne?.number} does not begin although there is room`);
      }
    },
  };
};

function isAtWork({ status, isParked }: ItemState): boolean {
  return status === 'running' && !isParked;
}
