/**
 * What was decided about ceilings, beside the items' own streams: the shared stream `ledger:<project>`, for accounts that all
 * projects share `ledger:@host`. Each event is appended with the account rows that it changes.
 */
import { appendShared, type SharedWrite } from '../journal/append-shared.ts';
import { type StoredEvent, type StreamId, streamId } from '../journal/event.ts';
import type { Journal } from '../journal/journal.ts';
import type { InboxPost, LedgerChange } from '../journal/unit.ts';
import { type EventKinds, toStorable, upcast } from '../journal/upcast.ts';

export interface AccountCeiling {
  account: string;
  ceilingMicroUsd: number | null;
}

export type LedgerEvent =
  /** A person raised exactly this account, its window included. */
  | { kind: 'ceiling.raised'; data: AccountCeiling & { by: string } }
  /** What the policy says now, where the rows had something else. */
  | { kind: 'ceilings.applied'; data: { ceilings: AccountCeiling[] } };

export const ledgerKinds: EventKinds<LedgerEvent['kind']> = {
  'ceiling.raised': [],
  'ceilings.applied': [],
};

export function ledgerStream(project: string): StreamId {
  return streamId('ledger', project);
}

/** @throws MeshwrightError `event_unknown`. */
export function readLedgerEvent(stored: StoredEvent): LedgerEvent {
  return upcast(ledgerKinds, stored) as unknown as LedgerEvent;
}

/** The ceilings that an event gives, in order. */
export function ceilingsOf(event: LedgerEvent): AccountCeiling[] {
  switch (event.kind) {
    case 'ceiling.raised':
      return [{ account: event.data.account, ceilingMicroUsd: event.data.ceilingMicroUsd }];
    case 'ceilings.applied':
      return event.data.ceilings;
  }
}

/** Account → what persons raised it to. A window that has ended is never asked for again. */
export type Raises = ReadonlyMap<string, number>;

export function foldRaises(events: readonly LedgerEvent[]): Raises {
  const raises = new Map<string, number>();
  for (const event of events) {
    if (event.kind !== 'ceiling.raised' || event.data.ceilingMicroUsd === null) continue;
    raises.set(event.data.account, event.data.ceilingMicroUsd);
  }
  return raises;
}

/** A raise wins over a lower policy; a policy without a ceiling wins over everything. */
export function ceilingUnder(
  policyMicroUsd: number | null,
  raisedMicroUsd: number | undefined,
): number | null {
  return policyMicroUsd === null ? null : Math.max(policyMicroUsd, raisedMicroUsd ?? 0);
}

/** `decide` gets what persons raised so far, and is asked again when somebody else wrote; null: nothing to write. */
export async function writeLedger(options: {
  journal: Journal;
  newId: () => string;
  project: string;
  actor: string;
  decide: (raises: Raises) => Promise<{ event: LedgerEvent; posts?: InboxPost[] } | null>;
}): Promise<void> {
  const { journal, newId, project, actor } = options;
  const stream = ledgerStream(project);
  const decide = async (): Promise<SharedWrite | null> => {
    const stored = await journal.read(stream);
    const decided = await options.decide(foldRaises(stored.map(readLedgerEvent)));
    if (!decided) return null;
    const { event, posts = [] } = decided;
    const ledger = ceilingsOf(event).map((ceiling): LedgerChange => ({ op: 'open', ...ceiling }));
    return { version: stored.length, events: [toStorable(ledgerKinds, event, actor)], ledger, posts };
  };
  await appendShared({ journal, newId, project, stream, decide });
}
