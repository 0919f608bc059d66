/** Which blobs an event refers to, by its kind: what verification looks for and what retention may delete. */
import type { BlobNames } from '../journal/audit-blobs.ts';
import { storedEventOf } from '../journal/audit-snapshots.ts';
import type { EventRow } from '../journal/journal-record.ts';
import { deletionKind } from '../journal/retention.ts';
import { knownEvent } from './known-event.ts';

/** Of events as they are stored. An event that cannot be read names nothing; other audits report it. */
export const blobNames: BlobNames = {
  namedBy: (row) => hashesIn(() => namedByEvent(row)),
  deletedBy: (row) => hashesIn(() => deletedByEvent(row)),
};

function namedByEvent(row: EventRow): unknown[] {
  const event = knownEvent(storedEventOf(row));
  if (event === null) return [];
  switch (event.kind) {
    case 'item.added':
      return [event.data.brief, event.data.plan];
    case 'item.started':
      return [event.data.team];
    case 'step.finished':
      return Object.values(event.data.artifacts);
    case 'model.call_intended':
      return [event.data.wholePrompt];
    case 'prompt.recorded': {
      const { system, tools, firstMessage, madeFrom } = event.data;
      return [system, tools, firstMessage, madeFrom];
    }
    case 'artifact.delivered':
      return [event.data.hash];
    case 'question.asked':
      return [event.data.text];
    case 'approval.requested':
      return [event.data.action];
    case 'delivery.queued':
      return [event.data.notice];
    default:
      return Object.values(event.data as object).map(packedHash);
  }
}

/** Of `{ $blob: hash }`, as large values of a tape are stored. */
function packedHash(value: unknown): unknown {
  return value !== null && typeof value === 'object' && '$blob' in value ? value.$blob : undefined;
}

function deletedByEvent(row: EventRow): unknown[] {
  if (row.kind !== deletionKind || !row.stream.startsWith('retention:')) return [];
  const { hashes } = JSON.parse(row.data) as { hashes?: unknown };
  return Array.isArray(hashes) ? hashes : [];
}

function hashesIn(read: () => unknown[]): string[] {
  try {
    return read().filter((each) => typeof each === 'string' && /^[0-9a-f]{64}$/.test(each)) as string[];
  } catch {
    return [];
  }
}
