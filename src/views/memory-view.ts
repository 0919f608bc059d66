/** Memory as people read it: what holds at a glance, what fits some words, and one record with everything that happened to it. */
import { MeshwrightError } from '../base/errors.ts';
import type { StoredEvent } from '../journal/event.ts';
import type { Journal } from '../journal/journal.ts';
import { isKnown, upcast } from '../journal/upcast.ts';
import { type MemoryEvent, memoryKinds, memoryStream } from '../memory/memory-event.ts';
import type { MemoryRecord, MemorySource, MemoryStatus } from '../memory/memory-record.ts';
import { foldMemory, isLive, isPastItsTime, type Memory } from '../memory/memory-state.ts';
import { searchMemory } from '../memory/search-memory.ts';
import { handleOf } from '../policy/handle.ts';

export interface MemoryRow {
  id: string;
  kind: MemoryRecord['kind'];
  /** As of now: what is past its time is expired, written down or not. */
  status: MemoryStatus;
  /** The kind of question that it answers; null: none. */
  answers: string | null;
  topic: string;
  scope: string;
  statement: string;
  /** Null: a pack's. */
  recordedAt: string | null;
  validUntil: string | null;
  source: MemorySource;
}

export interface MemoryReport extends MemoryRow {
  reasons: string;
  rejected: readonly string[];
  check: MemoryRecord['check'];
  /** Ids of what it took the place of. */
  replaced: string[];
  supersededBy: string | null;
  contests: readonly string[];
  history: MemoryChange[];
}

export interface MemoryChange {
  at: string;
  what: 'recorded' | 'superseded' | 'contested' | 'retired' | 'expired';
  /** Who did it; null: nobody, its time was over. */
  by: string | null;
  why: string | null;
}

export interface MemoryFacts {
  packs: readonly MemoryRecord[];
  nowMs: number;
}

/** Rules of packs first, then what was recorded, in that order. `isLiveOnly`: without what is over. */
export async function viewMemory(
  journal: Pick<Journal, 'read'>,
  project: string,
  { packs, nowMs, isLiveOnly }: MemoryFacts & { isLiveOnly: boolean },
): Promise<MemoryRow[]> {
  const memory = await readWhole(journal, project);
  return recordsOf(memory, { packs, nowMs, isLiveOnly }).map((record) => toRow(record, nowMs));
}

/** Of what holds or is contested, what shares words with the text, best first. */
export async function viewMemorySearch(
  journal: Pick<Journal, 'read'>,
  project: string,
  { text, packs, nowMs }: MemoryFacts & { text: string },
): Promise<MemoryRow[]> {
  const records = recordsOf(await readWhole(journal, project), { packs, nowMs, isLiveOnly: true });
  return searchMemory(records, text).map((record) => toRow(record, nowMs));
}

/** @throws MeshwrightError `no_such_record`. */
export async function viewMemoryRecord(
  journal: Pick<Journal, 'read'>,
  project: string,
  { id, packs, nowMs }: MemoryFacts & { id: string },
): Promise<MemoryReport> {
  const events = await journal.read(memoryStream(project));
  const memory = foldMemory(events);
  const record = memory.records.get(id) ?? packs.find((rule) => rule.id === id);
  if (record === undefined) throw noSuchRecord(project, id);
  const { reasons, rejected, check, supersededBy, contests } = record;
  return {
    ...toRow(record, nowMs),
    reasons,
    rejected,
    check,
    replaced: [...memory.records.values()].filter((each) => each.supersededBy === id).map((each) => each.id),
    supersededBy,
    contests,
    history: events.flatMap((stored) => changesOf(id, stored)),
  };
}

export function noSuchRecord(project: string, id: string): MeshwrightError {
  return new MeshwrightError('no_such_record', `${project} remembers nothing as ${id}`, {
    hint: '`meshwright memory list --all` shows everything that it does.',
    exitCode: 2,
  });
}

async function readWhole(journal: Pick<Journal, 'read'>, project: string): Promise<Memory> {
  return foldMemory(await journal.read(memoryStream(project)));
}

function recordsOf(
  { records }: Memory,
  { packs, nowMs, isLiveOnly }: MemoryFacts & { isLiveOnly: boolean },
): MemoryRecord[] {
  const isWanted = (record: MemoryRecord) =>
    !isLiveOnly || isLive(record, nowMs) || (record.status === 'proposed' && !isPastItsTime(record, nowMs));
  return [...packs, ...[...records.values()].filter(isWanted)];
}

function toRow(record: MemoryRecord, nowMs: number): MemoryRow {
  const { id, kind, answers, topic, scope, statement, recordedAt, validUntil, source } = record;
  const isOver = ['superseded', 'retired', 'expired'].includes(record.status);
  const status = !isOver && isPastItsTime(record, nowMs) ? 'expired' : record.status;
  return { id, kind, status, answers, topic, scope, statement, recordedAt, validUntil, source };
}

function changesOf(id: string, stored: StoredEvent): MemoryChange[] {
  if (!isKnown(memoryKinds, stored)) return [];
  const { at, actor } = stored;
  const event = upcast(memoryKinds, stored) as unknown as MemoryEvent;
  switch (event.kind) {
    case 'memory.recorded':
      return event.data.record.id === id ? [{ at, what: 'recorded', by: whoIs(actor), why: null }] : [];
    case 'memory.superseded': {
      const { by, why, actor: who } = event.data;
      return event.data.id === id ? [{ at, what: 'superseded', by: who, why: `${by}: ${why}` }] : [];
    }
    case 'memory.contested':
      return event.data.ids.includes(id)
        ? [{ at, what: 'contested', by: whoIs(actor), why: event.data.why }]
        : [];
    case 'memory.retired':
      return event.data.id === id ? [{ at, what: 'retired', by: event.data.by, why: event.data.why }] : [];
    case 'memory.expired':
      return event.data.ids.includes(id) ? [{ at, what: 'expired', by: null, why: null }] : [];
  }
}

/** A person by their handle, as everywhere else; what is no person as it is. */
function whoIs(actor: string): string {
  return actor.startsWith('person:') ? handleOf(actor.slice('person:'.length)) : actor;
}
