/** The journal of a world: the in-memory adapter, with every stored event and every claim shown to the watchers. */
import type { StreamId } from '../journal/event.ts';
import type { Claim, Journal } from '../journal/journal.ts';
import type { Watcher } from './watch.ts';

/** `holders` is kept in step, after the watchers were told. */
export function watchJournal(
  journal: Journal,
  watcher: Required<Watcher>,
  holders: Map<StreamId, Claim>,
): Journal {
  const seen = <C extends Claim | undefined>(claim: C): C => {
    if (claim) {
      watcher.onClaim(claim);
      holders.set(claim.unit, claim);
    }
    return claim;
  };
  return {
    ...journal,
    async append(unit) {
      const result = await journal.append(unit);
      if (result.outcome === 'appended' && !result.isDuplicate) {
        for (const event of result.events) watcher.onEvent(event, unit);
      }
      return result;
    },
    claim: async (request) => seen(await journal.claim(request)),
    claimUnit: async (unit, request) => seen(await journal.claimUnit(unit, request)),
  };
}
