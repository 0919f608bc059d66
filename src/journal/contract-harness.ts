/** What the contract suite needs of an adapter, and short ways to write its units. */
import { randomUUID } from 'node:crypto';
import type { JsonObject } from '../base/json.ts';
import type { NewEvent, StoredEvent, StreamId } from './event.ts';
import type { Journal } from './journal.ts';
import type { AppendOutcome, Unit } from './unit.ts';

export interface JournalUnderTest {
  journal: Journal;
  /** Another handle on the same storage, as another process has it. */
  other: Journal;
  /** Lets the journal's own time pass. */
  passTime(ms: number): Promise<void>;
  close(): Promise<void>;
}

export type OpenJournal = () => Promise<JournalUnderTest>;

/** A stream of the project that no other test uses. */
export function freshStream(kind = 'item', project = 'p'): StreamId {
  return `${kind}:${project}/${randomUUID()}` as StreamId;
}

export function event(kind = 'thing.happened', data: JsonObject = {}): NewEvent {
  return { kind, schema: 1, actor: 'person:ada', data };
}

/** A unit of one event for `stream` at `expectedVersion`, with whatever differs. */
export function unitFor(stream: StreamId, expectedVersion = 0, rest: Partial<Unit> = {}): Unit {
  return { id: randomUUID(), project: 'p', stream, expectedVersion, fence: null, events: [event()], ...rest };
}

/** The stored events; throws unless the unit was appended. */
export function appended(outcome: AppendOutcome): StoredEvent[] {
  if (outcome.outcome !== 'appended') throw new Error(`not appended: ${JSON.stringify(outcome)}`);
  return outcome.events;
}

export async function collect(events: AsyncIterable<StoredEvent>, count: number): Promise<StoredEvent[]> {
  const found: StoredEvent[] = [];
  for await (const one of events) {
    found.push(one);
    if (found.length === count) break;
  }
  return found;
}
