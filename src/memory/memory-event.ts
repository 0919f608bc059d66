/** Every fact about what the mesh knows: the event kinds of the shared stream `memory:<project>`. */
import { type StreamId, streamId } from '../journal/event.ts';
import type { EventKinds } from '../journal/upcast.ts';
import type { MemoryRecord } from './memory-record.ts';

export type MemoryEvent =
  /** As it is from now on; its status is `active` or `proposed`. */
  | { kind: 'memory.recorded'; data: { record: Omit<MemoryRecord, 'recordedAt'> } }
  /** `id` holds no longer, `by` does; `why` for people. */
  | { kind: 'memory.superseded'; data: { id: string; by: string; why: string; actor: string } }
  /** Active ones that contradict each other: none of them binds any more. */
  | { kind: 'memory.contested'; data: { ids: string[]; why: string } }
  | { kind: 'memory.retired'; data: { id: string; by: string; why: string } }
  | { kind: 'memory.expired'; data: { ids: string[] } };

export const memoryKinds: EventKinds<MemoryEvent['kind']> = {
  'memory.recorded': [],
  'memory.superseded': [],
  'memory.contested': [],
  'memory.retired': [],
  'memory.expired': [],
};

export function memoryStream(project: string): StreamId {
  return streamId('memory', project);
}
