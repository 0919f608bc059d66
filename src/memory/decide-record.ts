/** What writing to memory comes to: pure verdicts over the memory as it is, with the events that make it so. */
import type { MemoryEvent } from './memory-event.ts';
import type { MemoryRecord } from './memory-record.ts';
import { normalScope } from './memory-scope.ts';
import { isLive, isOfKey, isPastItsTime, type Memory, nextId, normalKey } from './memory-state.ts';
import { normalTopic } from './memory-topic.ts';

/** What somebody wants remembered. */
export type NewRecord = Pick<
  MemoryRecord,
  | 'kind'
  | 'answers'
  | 'topic'
  | 'scope'
  | 'statement'
  | 'reasons'
  | 'rejected'
  | 'source'
  | 'validUntil'
  | 'check'
> & {
  status: 'active' | 'proposed';
  /** Ids of what it takes the place of. */
  supersedes: readonly string[];
  /** Why, and who says so; of what it takes the place of. */
  why: string;
  by: string;
};

export interface MemoryVerdict {
  /** Of the record that holds it: the new one, or the one that had it already. */
  id: string;
  /** Empty: things are as they should be. */
  events: MemoryEvent[];
}

/** What is past its time is written down as such by whoever writes next. */
export function expireDue(memory: Memory, nowMs: number): MemoryEvent[] {
  const ids: string[] = [];
  for (const record of memory.records.values())
    if (isPending(record) && isPastItsTime(record, nowMs)) ids.push(record.id);
  return ids.length === 0 ? [] : [{ kind: 'memory.expired', data: { ids } }];
}

/**
 * Records it, takes what it supersedes out, and contests what it contradicts: a live record that answers the same question
 * otherwise and is not superseded. A person's answer to the very question rules between contested ones: it takes their place.
 * Nothing is recorded when the same statement holds, or the same question's answer is there.
 */
export function decideRecord(memory: Memory, given: NewRecord, nowMs: number): MemoryVerdict {
  const hasKey = sameKey(given);
  const ruled = isRuling(given) ? [...memory.records.values()].filter(isContested).filter(hasKey) : [];
  const wanted = { ...given, supersedes: [...new Set([...given.supersedes, ...ruled.map(({ id }) => id)])] };
  const others = [...memory.records.values()].filter(({ id }) => !wanted.supersedes.includes(id));
  const alike = others.filter((record) => isLive(record, nowMs) && hasKey(record));
  const expired = expireDue(memory, nowMs);
  const known = [...memory.records.values()].findLast(
    (record) => !given.supersedes.includes(record.id) && isSameSource(record, wanted) && hasKey(record),
  );
  const same = known ?? findSame(alike, wanted);
  if (same !== undefined) return { id: same.id, events: expired };

  const { supersedes, why, by, ...rest } = wanted;
  const id = nextId(memory, wanted.kind);
  const record = {
    ...rest,
    id,
    topic: normalTopic(rest.topic),
    scope: normalScope(rest.scope),
    supersededBy: null,
    contests: [],
  };
  const replaced = supersedes.filter((old) => isPending(memory.records.get(old)));
  const contradicted = alike.filter((each) => contradicts(each, wanted)).map((each) => each.id);
  const events: MemoryEvent[] = [
    ...expired,
    { kind: 'memory.recorded', data: { record } },
    ...replaced.map(
      (old): MemoryEvent => ({ kind: 'memory.superseded', data: { id: old, by: id, why, actor: by } }),
    ),
  ];
  if (contradicted.length === 0) return { id, events };
  const ids = [...contradicted, id];
  const clash = `${ids.join(' and ')} answer ${record.answers} ${record.topic} (${record.scope}) differently`;
  return { id, events: [...events, { kind: 'memory.contested', data: { ids, why: clash } }] };
}

/** A person says that these contradict each other; nothing when they do already, or when fewer than two are left. */
export function decideContest(memory: Memory, ids: readonly string[], why: string): MemoryEvent[] {
  const records = [...new Set(ids)].flatMap((id) => memory.records.get(id) ?? []);
  const live = records.filter(({ status }) => status === 'active' || status === 'contested');
  const isNew = live.some((record) =>
    live.some((other) => other.id !== record.id && !isContesting(record, other)),
  );
  if (!isNew) return [];
  return [{ kind: 'memory.contested', data: { ids: live.map(({ id }) => id), why } }];
}

/** Takes it out; nothing when it is over already. */
export function decideRetire(memory: Memory, id: string, by: string, why: string): MemoryEvent[] {
  return isPending(memory.records.get(id)) ? [{ kind: 'memory.retired', data: { id, by, why } }] : [];
}

/** Neither superseded, retired nor expired. */
export function isPending(record: MemoryRecord | undefined): boolean {
  const status = record?.status;
  return status === 'proposed' || status === 'active' || status === 'contested';
}

function isContested({ status }: MemoryRecord): boolean {
  return status === 'contested';
}

function isRuling({ source, answers }: NewRecord): boolean {
  return answers !== null && source.from === 'question' && !source.isDefault;
}

function isContesting(record: MemoryRecord, other: MemoryRecord): boolean {
  return record.status === 'contested' && record.contests.includes(other.id);
}

/** What answers no kind of question has the same key as others of its sort, and contradicts none of them. */
function sameKey({ kind, answers, ...wanted }: NewRecord): (record: MemoryRecord) => boolean {
  const key = normalKey({ ...wanted, kind: answers ?? '' });
  if (answers !== null) return (record) => isOfKey(record, key);
  return (record) =>
    record.answers === null &&
    record.kind === kind &&
    record.topic === key.topic &&
    record.scope === key.scope;
}

function findSame(alike: readonly MemoryRecord[], wanted: NewRecord): MemoryRecord | undefined {
  return wanted.supersedes.length > 0 ? undefined : alike.find((record) => isSameStatement(record, wanted));
}

function contradicts(record: MemoryRecord, wanted: NewRecord): boolean {
  return wanted.status === 'active' && wanted.answers !== null && !isSameStatement(record, wanted);
}

function isSameStatement(record: MemoryRecord, wanted: NewRecord): boolean {
  return oneLine(record.statement) === oneLine(wanted.statement);
}

function isSameSource({ source }: MemoryRecord, wanted: NewRecord): boolean {
  return (
    source.from === 'question' &&
    wanted.source.from === 'question' &&
    source.question === wanted.source.question &&
    source.isDefault === wanted.source.isDefault
  );
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
