/** Reading and writing the shared stream of memory: fold, decide, append at the folded version, again when somebody was faster. */
import type { JsonObject } from '../base/json.ts';
import { appendShared, type SharedWrite } from '../journal/append-shared.ts';
import { streamId } from '../journal/event.ts';
import type { Journal } from '../journal/journal.ts';
import type { InboxPost } from '../journal/unit.ts';
import { toStorable } from '../journal/upcast.ts';
import { decideRecord, type NewRecord } from './decide-record.ts';
import { type MemoryEvent, memoryKinds, memoryStream } from './memory-event.ts';
import type { MemoryRecord } from './memory-record.ts';
import { foldMemory, type Memory, noMemory } from './memory-state.ts';

/** What is remembered now. */
export type MemoryReader = () => Promise<Memory>;

/** A reader that folds only what was appended since it was asked last. */
export function openMemory(journal: Pick<Journal, 'read'>, project: string): MemoryReader {
  let memory = noMemory;
  return async () => {
    const read = await readMemory(journal, project, memory);
    // Of two reads at once the one that saw more stays.
    if (read.version > memory.version) memory = read;
    return read;
  };
}

/** What was appended since `from`, folded; cheap when it is nothing. */
export async function readMemory(
  journal: Pick<Journal, 'read'>,
  project: string,
  from: Memory = noMemory,
): Promise<Memory> {
  return foldMemory(await journal.read(memoryStream(project), { after: from.version }), from);
}

export interface MemoryDoor {
  journal: Pick<Journal, 'read' | 'append'>;
  newId: () => string;
  project: string;
  /** Of the events: `person:@sarah-pm`, `mesh`. */
  actor: string;
  /** What is known already, so that not all is read again. */
  memory?: Memory;
}

/** Posted to the mesh in the unit that contests records: somebody must be asked which of them holds. */
export const memoryContested = 'memory.contested';

export interface ContestedNotice {
  ids: string[];
  why: string;
}

/** Appends what `decide` finds to be missing. The memory as it is after it. */
export async function writeMemory(
  door: MemoryDoor,
  decide: (memory: Memory) => readonly MemoryEvent[],
): Promise<Memory> {
  const { journal, newId, project, actor } = door;
  let memory = door.memory ?? noMemory;
  const write = async (): Promise<SharedWrite | null> => {
    memory = await readMemory(journal, project, memory);
    const events = decide(memory);
    const posts = events.flatMap((event) =>
      event.kind === 'memory.contested' ? [contestedPost(door, newId(), event.data)] : [],
    );
    return {
      version: memory.version,
      events: events.map((event) => toStorable(memoryKinds, event, actor)),
      posts,
    };
  };
  const stream = memoryStream(project);
  return foldMemory(await appendShared({ journal, newId, project, stream, decide: write }), memory);
}

/** The record that holds it now: the new one, or the one that already said the same or came of the same question. */
export async function recordDecision(
  door: MemoryDoor,
  wanted: NewRecord,
  nowMs: number,
): Promise<MemoryRecord> {
  let id = '';
  const memory = await writeMemory(door, (known) => {
    const verdict = decideRecord(known, wanted, nowMs);
    id = verdict.id;
    return verdict.events;
  });
  const record = memory.records.get(id);
  if (record === undefined) throw new Error(`${door.project}: ${id} was recorded and is not there`);
  return record;
}

function contestedPost({ project, actor }: MemoryDoor, id: string, { ids, why }: ContestedNotice): InboxPost {
  const data: JsonObject = { ids, why };
  return { stream: streamId('mesh', project), id: `contested/${id}`, kind: memoryContested, actor, data };
}
