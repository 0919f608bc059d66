/**
 * What is remembered, as a pure fold of the memory stream, and what of it binds. The clock is an argument: what has passed its
 * time binds nobody, whether or not that is written down yet.
 *
 * record: proposed → active (superseding nothing, by a person) · active → contested (another one with the same key says
 * otherwise, or a person says that two contradict) · contested → active (everything that it contradicts is gone) ·
 * proposed | active | contested → superseded | retired | expired, which are final.
 */
import type { StoredEvent } from '../journal/event.ts';
import { upcast } from '../journal/upcast.ts';
import { type MemoryEvent, memoryKinds } from './memory-event.ts';
import type { MemoryKind, MemoryRecord } from './memory-record.ts';
import { normalScope } from './memory-scope.ts';
import { normalTopic } from './memory-topic.ts';

export interface Memory {
  /** In the order in which they were recorded. */
  records: ReadonlyMap<string, MemoryRecord>;
  /** Of the last event of the stream that was folded. */
  version: number;
}

export const noMemory: Memory = { records: new Map(), version: 0 };

/** What a question must be about to be answered by a record; `kind`: of the question. */
export interface BindingKey {
  kind: string;
  topic: string;
  scope: string;
}

/** @throws MeshwrightError `event_unknown`. */
export function foldMemory(events: readonly StoredEvent[], from: Memory = noMemory): Memory {
  if (events.length === 0) return from;
  const records = new Map(from.records);
  for (const stored of events) applyMemory(records, stored);
  return { records, version: events.at(-1)?.version ?? from.version };
}

function applyMemory(records: Map<string, MemoryRecord>, stored: StoredEvent): void {
  const { kind, data } = upcast(memoryKinds, stored) as unknown as MemoryEvent;
  const change = (id: string, to: Partial<MemoryRecord>) => {
    const record = records.get(id);
    if (record !== undefined) records.set(id, { ...record, ...to });
  };
  switch (kind) {
    case 'memory.recorded':
      records.set(data.record.id, { ...data.record, recordedAt: stored.at });
      return;
    case 'memory.superseded':
      change(data.id, { status: 'superseded', supersededBy: data.by });
      break;
    case 'memory.contested':
      for (const id of data.ids) {
        const others = data.ids.filter((other) => other !== id);
        const contests = [...new Set([...(records.get(id)?.contests ?? []), ...others])];
        change(id, { status: 'contested', contests });
      }
      return;
    case 'memory.retired':
      change(data.id, { status: 'retired' });
      break;
    case 'memory.expired':
      for (const id of data.ids) change(id, { status: 'expired' });
  }
  reinstate(records);
}

/** With the last one that it contradicts gone, a contested record holds again. */
function reinstate(records: Map<string, MemoryRecord>): void {
  for (const record of records.values())
    if (
      record.status === 'contested' &&
      !record.contests.some((id) => records.get(id)?.status === 'contested')
    )
      records.set(record.id, { ...record, status: 'active' });
}

/** Whether it holds or is contested at this time: it is not over. */
export function isLive(record: MemoryRecord, nowMs: number): boolean {
  return (record.status === 'active' || record.status === 'contested') && !isPastItsTime(record, nowMs);
}

/** Whether it binds at this time. */
export function isBinding(record: MemoryRecord, nowMs: number): boolean {
  return record.status === 'active' && !isPastItsTime(record, nowMs);
}

export function isPastItsTime({ validUntil }: MemoryRecord, nowMs: number): boolean {
  return validUntil !== null && Date.parse(validUntil) <= nowMs;
}

/** The record that answers this very question: the kind, the topic and the scope are the same, and it binds. */
export function findBinding(memory: Memory, key: BindingKey, nowMs: number): MemoryRecord | null {
  const { kind, topic, scope } = normalKey(key);
  const answers = answersOf(memory).get(JSON.stringify([kind, topic, scope])) ?? [];
  return answers.find((record) => isBinding(record, nowMs)) ?? null;
}

/** Of each state that was asked for a binding record: what answers a kind of question, by its key, in the order of recording. */
const knownAnswers = new WeakMap<Memory, Map<string, MemoryRecord[]>>();

/** Every open question is looked up at every look of the desk; the records are gone through once for all of them. */
function answersOf(memory: Memory): Map<string, MemoryRecord[]> {
  const known = knownAnswers.get(memory);
  if (known) return known;
  const answering = [...memory.records.values()].filter(({ answers }) => answers !== null);
  const answers = Map.groupBy(answering, (record) =>
    JSON.stringify([record.answers, record.topic, record.scope]),
  );
  knownAnswers.set(memory, answers);
  return answers;
}

/** As the keys of records are written. */
export function normalKey({ kind, topic, scope }: BindingKey): BindingKey {
  return { kind, topic: normalTopic(topic), scope: normalScope(scope) };
}

/** `key`: of normalKey. */
export function isOfKey({ answers, topic, scope }: MemoryRecord, key: BindingKey): boolean {
  return answers === key.kind && topic === key.topic && scope === key.scope;
}

const prefixes: Readonly<Record<MemoryKind, string>> = { decision: 'D', pattern: 'P', rule: 'R' };

/** `D-4` after `D-3`. Final ones count: an id never comes twice. */
export function nextId(memory: Memory, kind: MemoryKind): string {
  let count = 0;
  for (const record of memory.records.values()) if (record.kind === kind) count += 1;
  return `${prefixes[kind]}-${count + 1}`;
}
