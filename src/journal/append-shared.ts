/** Writes to a shared stream: fold, decide, append at the folded version, and again when somebody was faster. */
import type { NewEvent, StoredEvent, StreamId } from './event.ts';
import type { Journal } from './journal.ts';
import type { Unit } from './unit.ts';

const maxTries = 50;

/** The events, and what belongs to the same fact. */
export type SharedWrite = { version: number; events: NewEvent[] } & Pick<
  Unit,
  'claimUnit' | 'transferTo' | 'posts' | 'ledger'
>;

/**
 * `decide` reads the stream as it is now and says what to append at which version; null, or no event: things are as they
 * should be. Returns what was stored.
 */
export async function appendShared(options: {
  journal: Pick<Journal, 'append'>;
  newId: () => string;
  project: string;
  stream: StreamId;
  decide: () => Promise<SharedWrite | null>;
}): Promise<StoredEvent[]> {
  const { journal, newId, project, stream } = options;
  for (let tries = 0; tries < maxTries; tries += 1) {
    const decided = await options.decide();
    if (decided === null || decided.events.length === 0) return [];
    const { version, ...write } = decided;
    const outcome = await journal.append({
      ...write,
      id: newId(),
      project,
      stream,
      expectedVersion: version,
      fence: null,
    });
    if (outcome.outcome === 'appended') return outcome.events;
    if (outcome.outcome === 'refused')
      throw new Error(`${stream}: the ledger refused ${outcome.refusal.account} (${outcome.refusal.reason})`);
  }
  throw new Error(`${stream}: gave up after ${maxTries} conflicting writes`);
}
