/** Appends to one owned stream under a fence and keeps its version; the stream's only writer in this process. */
import { makeStorable } from '../gateway/tape-codec.ts';
import type { NewEvent, StoredEvent, StreamId } from '../journal/event.ts';
import { FencedError } from '../journal/fenced-error.ts';
import type { Claim, Journal } from '../journal/journal.ts';
import type { Unit } from '../journal/unit.ts';

export type UnitExtras = Pick<Unit, 'posts' | 'consumes' | 'ledger' | 'transferTo'>;

export interface StreamWriter {
  stream: StreamId;
  version(): number;
  /** @throws FencedError when the claim is lost, or when somebody else wrote (which only a lost claim explains). */
  append(events: NewEvent[], extras?: UnitExtras): Promise<StoredEvent[]>;
}

export function createStreamWriter(options: {
  journal: Journal;
  newId: () => string;
  claim: Claim;
  stream: StreamId;
  version: number;
}): StreamWriter {
  const { journal, claim, stream } = options;
  let version = options.version;
  return {
    stream,
    version: () => version,
    async append(events, extras = {}) {
      const outcome = await journal.append({
        id: options.newId(),
        project: claim.project,
        stream,
        expectedVersion: version,
        fence: claim.fence,
        claimUnit: claim.unit,
        // Findings, summaries and outputs are text of agents and processes.
        events: makeStorable(events),
        ...extras,
        ...(extras.posts ? { posts: makeStorable(extras.posts) } : {}),
      });
      switch (outcome.outcome) {
        case 'appended':
          version += events.length;
          return outcome.events;
        case 'conflict':
        case 'fenced':
          throw new FencedError(stream);
        case 'refused':
          throw new Error(
            `${stream}: the ledger refused ${outcome.refusal.account} (${outcome.refusal.reason})`,
          );
      }
    },
  };
}

/** For the unit's own stream, which is written and not folded: takes its version from its head. */
export async function openUnitWriter(options: {
  journal: Journal;
  newId: () => string;
  claim: Claim;
}): Promise<StreamWriter> {
  const stream = options.claim.unit;
  const head = await options.journal.streamHead(stream);
  return createStreamWriter({ ...options, stream, version: head?.version ?? 0 });
}
