/** Applies retention: finds what may go, records it, deletes it. Events are never touched. */
import type { Clock } from '../base/clock.ts';
import { MeshwrightError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { isFinal } from '../items/is-final.ts';
import { appendShared } from '../journal/append-shared.ts';
import type { BlobHash, Journal, StoredBlob } from '../journal/journal.ts';
import { deletionEvent, deletionKind, hashesPerDeletion, retentionStream } from '../journal/retention.ts';
import { viewItems } from '../views/item-view.ts';
import { type BlobUse, decideRetention, hashesIn, type RetentionDecision } from './decide-retention.ts';

/** A blob is put before the event that names it; nobody takes longer than this in between. */
export const minRetentionMs = 10 * 60_000;
const pageSize = 1_000;

export interface RetainRequest {
  journal: Journal;
  clock: Clock;
  newId: () => string;
  project: string;
  /** How long blobs of ended items are kept; at least minRetentionMs. */
  olderThanMs: number;
  /** Erase what this ended item alone names, however old its events are; null: everything that is old enough. */
  item: number | null;
  isDryRun: boolean;
  by: string;
}

/** What was deleted, or would be. @throws MeshwrightError `request_refused` when the item has not ended. */
export async function retainBlobs(request: RetainRequest): Promise<RetentionDecision> {
  const { journal, project, item } = request;
  const before = new Date(request.clock.now() - request.olderThanMs).toISOString();
  const blobs = await listOldBlobs(journal, before);
  const { items } = await viewItems(journal, project);
  const ended = new Set(items.filter(isFinal).map(({ number }) => number));
  if (item !== null && !ended.has(item)) {
    throw new MeshwrightError(
      'request_refused',
      `item ${item} has not ended; its work still needs what it holds`,
      {
        hint: 'Accept, reject or cancel it first.',
      },
    );
  }
  const uses = await findUses(journal, new Set(blobs.map(({ hash }) => hash)));
  const decision = decideRetention({ project, blobs, uses, ended, before, item });
  if (request.isDryRun) return decision;
  const deleted: StoredBlob[] = [];
  for (let from = 0; from < decision.delete.length; from += hashesPerDeletion) {
    const some = decision.delete.slice(from, from + hashesPerDeletion);
    const hashes = some.map(({ hash }) => hash);
    await recordDeletion(request, hashes);
    const gone = new Set(await journal.deleteBlobs(hashes, before));
    deleted.push(...some.filter(({ hash }) => gone.has(hash)));
  }
  return { ...decision, delete: deleted };
}

async function listOldBlobs(journal: Journal, putBefore: string): Promise<StoredBlob[]> {
  const blobs: StoredBlob[] = [];
  for (;;) {
    const after = blobs.at(-1)?.hash;
    const page = await journal.listBlobs({ putBefore, limit: pageSize, ...(after && { after }) });
    blobs.push(...page);
    if (page.length < pageSize) return blobs;
  }
}

/** Of every project: blobs are stored once, whoever names them. Deletions name blobs, but need them no more. */
async function findUses(journal: Journal, wanted: ReadonlySet<BlobHash>): Promise<BlobUse[]> {
  const uses: BlobUse[] = [];
  const note = (stream: string, at: string, value: unknown): void => {
    for (const hash of hashesIn(value)) if (wanted.has(hash)) uses.push({ hash, stream, at });
  };
  for (let after = 0; ; ) {
    const page = await journal.readAll({ after, limit: pageSize });
    for (const event of page) if (event.kind !== deletionKind) note(event.stream, event.at, event.data);
    const last = page.at(-1);
    if (!last || page.length < pageSize) break;
    after = last.position;
  }
  for (const project of await journal.projects()) {
    const heads = await journal.streams(project);
    for (const unit of new Set(heads.map(({ claimUnit }) => claimUnit)))
      for (const message of await journal.inbox(unit)) note(message.stream, message.at, message.data);
  }
  return uses;
}

/** Before they go: whoever misses one finds why. */
async function recordDeletion(request: RetainRequest, hashes: readonly BlobHash[]): Promise<void> {
  const { journal, newId, project, olderThanMs, item, by } = request;
  const stream = retentionStream(project);
  const policy: JsonObject = { olderThanMs, item };
  await appendShared({
    journal,
    newId,
    project,
    stream,
    decide: async () => ({
      version: (await journal.streamHead(stream))?.version ?? 0,
      events: [deletionEvent(hashes, policy, by)],
    }),
  });
}
