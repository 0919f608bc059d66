/**
 * Who went by a record of memory: whose question it came of, whom it answered instead of a person, whose prompt showed it. Read
 * from the journal, never kept beside it.
 */
import type { TapeEvent } from '../gateway/tape-event.ts';
import { tapeKinds } from '../gateway/tape-kinds.ts';
import type { StoredEvent, StreamId } from '../journal/event.ts';
import type { Journal } from '../journal/journal.ts';
import { isKnown, upcast } from '../journal/upcast.ts';
import type { Asker } from '../questions/question.ts';
import { type QuestionEvent, questionKinds } from '../questions/question-event.ts';

export interface MemoryUse {
  item: number;
  agent: StreamId;
  /** `asked`: the record is the answer to its question; `answered`: it was told instead of asking; `shown`: in its prompt. */
  how: 'asked' | 'answered' | 'shown';
}

/** Uses of a record, in the order of the journal; each asking reads only what came since the last one. */
export type MemoryUses = (id: string) => Promise<readonly MemoryUse[]>;

const pageSize = 5_000;

export function openMemoryUses(journal: Pick<Journal, 'readAll'>, project: string): MemoryUses {
  const uses = new Map<string, MemoryUse[]>();
  /** Of questions that are not recorded yet, or may still come to another decision. */
  const askers = new Map<StreamId, Asker[]>();
  let after = 0;

  function add(id: string, use: MemoryUse): void {
    const known = uses.get(id) ?? [];
    uses.set(id, known);
    if (!known.some(({ agent, how }) => agent === use.agent && how === use.how)) known.push(use);
  }

  function take(stored: StoredEvent): void {
    const { stream } = stored;
    if (stream.startsWith('agent:') && isKnown(tapeKinds, stored)) {
      for (const [id, how] of usesOnTape(stored)) add(id, { item: itemOf(stream), agent: stream, how });
    } else if (stream.startsWith('question:') && isKnown(questionKinds, stored)) {
      const event = upcast(questionKinds, stored) as unknown as QuestionEvent;
      if (event.kind === 'question.asked' || event.kind === 'question.joined') {
        const { asker } = event.data;
        if (asker !== null) askers.set(stream, [...(askers.get(stream) ?? []), asker]);
      }
      const answer = decisionOf(event);
      if (answer !== null)
        for (const { item, agent } of askers.get(stream) ?? [])
          add(answer.id, { item, agent, how: answer.how });
    }
  }

  return async (id) => {
    for (;;) {
      const events = await journal.readAll({ after, limit: pageSize, project });
      for (const event of events) take(event);
      after = events.at(-1)?.position ?? after;
      if (events.length < pageSize) return uses.get(id) ?? [];
    }
  };
}

/** Numbers of the items whose agents used it in any way, ascending. */
export async function findItemsThatUsed(
  journal: Pick<Journal, 'readAll'>,
  project: string,
  id: string,
): Promise<number[]> {
  return itemsOf(await openMemoryUses(journal, project)(id));
}

function itemsOf(uses: readonly MemoryUse[]): number[] {
  return [...new Set(uses.map(({ item }) => item))].toSorted((a, b) => a - b);
}

function usesOnTape(stored: StoredEvent): [id: string, how: MemoryUse['how']][] {
  if (stored.kind !== 'memory.recalled' && stored.kind !== 'memory.answered') return [];
  const event = upcast(tapeKinds, stored) as unknown as TapeEvent;
  if (event.kind === 'memory.recalled') return event.data.ids.map((id) => [id, 'shown']);
  return event.kind === 'memory.answered' ? [[event.data.id, 'answered']] : [];
}

function decisionOf(event: QuestionEvent): { id: string; how: MemoryUse['how'] } | null {
  if (event.kind === 'question.remembered') return { id: event.data.decision, how: 'answered' };
  if (event.kind !== 'question.recorded' || event.data.decision === null) return null;
  return { id: event.data.decision, how: 'asked' };
}

/** `agent:orders/3/build/T1/developer/1/1` → 3. */
function itemOf(agent: StreamId): number {
  return Number(agent.split('/')[1]);
}
