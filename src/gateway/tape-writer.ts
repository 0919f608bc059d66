/**
 * Appends to one agent's stream and keeps its tape in step: an event is on the tape once it is durable. Knows the
 * version, the fence and nothing of what is appended. Once another worker owns the stream it writes nothing more.
 */
import type { StreamId } from '../journal/event.ts';
import type { Journal } from '../journal/journal.ts';
import type { LedgerChange, LedgerRefusal, Unit } from '../journal/unit.ts';
import type { Redactor } from '../secrets/redactor.ts';
import { applyTapeEvent, foldTape, type TapeState } from './tape.ts';
import { decodeTapeEvent, encodeTapeEvent, makeStorable } from './tape-codec.ts';
import type { TapeEvent } from './tape-event.ts';

export interface TapeWriterOptions {
  journal: Journal;
  project: string;
  agent: StreamId;
  claimUnit: StreamId;
  fence: number;
  redactor: Redactor;
  newId: () => string;
}

export type WriteOutcome =
  | { outcome: 'written' }
  | { outcome: 'refused'; refusal: LedgerRefusal }
  | { outcome: 'fenced' };

export interface TapeWriter {
  readonly tape: TapeState;
  /** The stream belongs to somebody else now; nothing can be written any more. */
  readonly isFenced: boolean;
  /** One unit; texts are made storable and redacted first. Rejects only when storage fails. */
  write(events: TapeEvent[], ledger?: LedgerChange[]): Promise<WriteOutcome>;
  /** Puts events on the tape in memory only, so that a caller working from the tape can end after a loss of the stream. */
  showOnly(events: TapeEvent[]): void;
}

/** An agent's recorded events, large values included. @throws for events that this version does not know. */
export async function readTapeEvents(
  journal: Pick<Journal, 'read' | 'putBlob' | 'getBlob'>,
  agent: StreamId,
): Promise<TapeEvent[]> {
  const events: TapeEvent[] = [];
  for (const stored of await journal.read(agent)) events.push(await decodeTapeEvent(stored, journal));
  return events;
}

/** What an agent said, did and spent so far; changes nothing. */
export async function readTape(journal: Journal, agent: StreamId): Promise<TapeState> {
  return foldTape(await readTapeEvents(journal, agent));
}

export async function openTapeWriter(options: TapeWriterOptions): Promise<TapeWriter> {
  const { journal, agent, project, claimUnit, fence, redactor, newId } = options;
  const recorded = await readTapeEvents(journal, agent);
  let tape = foldTape(recorded);
  let version = recorded.length;
  let isFenced = false;

  async function write(given: TapeEvent[], ledger: LedgerChange[] = []): Promise<WriteOutcome> {
    if (isFenced) return { outcome: 'fenced' };
    const events = redactor.redactJson(makeStorable(given));
    const encoded = [];
    for (const event of events) encoded.push(await encodeTapeEvent(event, agent, journal));
    const unit: Unit = {
      id: newId(),
      project,
      stream: agent,
      expectedVersion: version,
      fence,
      events: encoded,
      ...(version === 0 ? { claimUnit } : {}),
      ...(ledger.length > 0 ? { ledger } : {}),
    };
    const appended = await journal.append(unit);
    switch (appended.outcome) {
      case 'appended':
        version += events.length;
        for (const event of events) tape = applyTapeEvent(tape, event);
        return { outcome: 'written' };
      case 'refused':
        return { outcome: 'refused', refusal: appended.refusal };
      // A conflict on an owned stream means that somebody else writes it: the same loss, seen earlier.
      case 'conflict':
      case 'fenced':
        isFenced = true;
        return { outcome: 'fenced' };
    }
  }

  return {
    get tape() {
      return tape;
    },
    get isFenced() {
      return isFenced;
    },
    write,
    showOnly(events) {
      tape = foldTape(events, tape);
    },
  };
}
