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

const pageSize = 5_000;

/** In the order of the journal, each once. Reads all of the project. */
export async function viewMemoryUses(
  journal: Pick<Journal, 'readAll'>,
  project: string,
  id: string,
): Promise<MemoryUse[]> {
  const uses: MemoryUse[] = [];
  const askers = new Map<StreamId, Asker[]>();
  const add = (use: MemoryUse): void => {
    if (!uses.some(({ agent, how }) => agent === use.agent && how === use.how)) uses.push(use);
  };
  for (let after = 0; ; ) {
    const page = await journal.readAll({ after, limit: pageSize, project });
    for (const stored of page) for (const use of usesIn(stored, id, askers)) add(use);
    after = page.at(-1)?.position ?? after;
    if (page.length < pageSize) return uses;
  }
}

/** Numbers of the items whose agents used it in any way, ascending. */
export async function findItemsThatUsed(
  journal: Pick<Journal, 'readAll'>,
  project: string,
  id: string,
): Promise<number[]> {
  const uses = await viewMemoryUses(journal, project, id);
  return [...new Set(uses.map(({ item }) => item))].toSorted((a, b) => a - b);
}

/** `askers`: of the questions read so far, by stream; an asking event adds to them. */
function usesIn(stored: StoredEvent, id: string, askers: Map<StreamId, Asker[]>): MemoryUse[] {
  const { stream } = stored;
  if (stream.startsWith('agent:') && isKnown(tapeKinds, stored)) {
    const how = useOnTape(stored, id);
    return how === null ? [] : [{ item: itemOf(stream), agent: stream, how }];
  }
  if (!stream.startsWith('question:') || !isKnown(questionKinds, stored)) return [];
  const event = upcast(questionKinds, stored) as unknown as QuestionEvent;
  if (event.kind === 'question.asked' || event.kind === 'question.joined') {
    const { asker } = event.data;
    if (asker !== null) askers.set(stream, [...(askers.get(stream) ?? []), asker]);
  }
  const answer = decisionOf(event);
  if (answer?.id !== id) return [];
  return (askers.get(stream) ?? []).map(({ item, agent }) => ({ item, agent, how: answer.how }));
}

function useOnTape(stored: StoredEvent, id: string): MemoryUse['how'] | null {
  if (stored.kind !== 'memory.recalled' && stored.kind !== 'memory.answered') return null;
  const event = upcast(tapeKinds, stored) as unknown as TapeEvent;
  if (event.kind === 'memory.recalled') return event.data.ids.includes(id) ? 'shown' : null;
  return event.kind === 'memory.answered' && event.data.id === id ? 'answered' : null;
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
