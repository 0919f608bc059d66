/** A stream has one writer at a time: every owned stream is written under the fence of its claim unit's latest claim. */
import type { StreamId } from '../../journal/event.ts';
import type { CreateWatcher } from '../watch.ts';

export const watchFences: CreateWatcher = (watched) => {
  const unitOf = new Map<StreamId, StreamId>();
  const lastFence = new Map<StreamId, number>();
  const wasOwned = new Set<StreamId>();
  return {
    onEvent({ stream, version }, unit) {
      if (version !== unit.expectedVersion + 1) return;
      const owner = unitOf.get(stream) ?? unit.claimUnit ?? stream;
      const { fence } = unit;
      if (fence === null) {
        if (wasOwned.has(stream))
          watched.violate('one writer', `${stream} ${version} was written without a fence`);
      } else {
        wasOwned.add(stream);
        const current = watched.holders.get(owner)?.fence;
        if (current !== fence) {
          watched.violate(
            'one writer',
            `${stream} ${version} was written under ${fence}, ${owner} has ${current}`,
          );
        }
        if (fence < (lastFence.get(stream) ?? 0)) {
          watched.violate('one writer', `${stream} ${version} was written under an older fence, ${fence}`);
        }
        lastFence.set(stream, fence);
      }
      unitOf.set(stream, unit.transferTo ?? owner);
      if (unit.transferTo !== undefined) lastFence.delete(stream);
    },
    onClaim({ unit, fence }) {
      const before = watched.holders.get(unit);
      if (before && before.fence >= fence) {
        watched.violate('one writer', `${unit} was claimed with fence ${fence} after ${before.fence}`);
      }
    },
  };
};
