/**
 * Anchors: once a day a project's stream `anchor:<project>` records where its streams stand, so that an end that is cut
 * off or rewritten together with its head row still contradicts something. Only what happened after the last anchor
 * can be rewritten without a trace inside; see docs/journal.md for keeping a seal outside.
 */
import { z } from 'zod';
import type { Clock } from '../base/clock.ts';
import type { JsonObject } from '../base/json.ts';
import { type NewEvent, type StreamId, streamId } from './event.ts';
import type { Journal } from './journal.ts';
import type { EventRow } from './journal-record.ts';

export const anchorKind = 'anchor.recorded';
const anchorEveryMs = 24 * 60 * 60 * 1000;
/** Keeps an event below 16 KB. */
const headsPerEvent = 80;
const pageSize = 500;

const shape = z.object({
  heads: z.array(z.object({ stream: z.string(), version: z.number(), hash: z.string() })),
  fences: z.array(z.object({ unit: z.string(), fence: z.number() })),
});

export interface AnchoredHead {
  stream: string;
  version: number;
  hash: string;
}

/** Fences only rise. */
export interface AnchoredFence {
  unit: string;
  fence: number;
}

export interface AnchorFacts {
  heads: AnchoredHead[];
  fences: AnchoredFence[];
}

export function anchorStream(project: string): StreamId {
  return streamId('anchor', project);
}

/** A day after the last anchor; without one, a day after the project's first event. Times in milliseconds. */
export function isAnchorDue(facts: { lastAt: number | null; firstAt: number | null; now: number }): boolean {
  const since = facts.lastAt ?? facts.firstAt;
  return since !== null && facts.now - since >= anchorEveryMs;
}

/**
 * Records where the project's streams stand, if a day has passed. Any process may call it, as often as it likes; reads
 * one event when nothing is due. Returns the number of streams recorded; 0: not due, nothing new, or somebody else did it.
 */
export async function appendAnchor(
  context: { journal: Journal; clock: Clock; newId: () => string },
  project: string,
): Promise<number> {
  const { journal, clock, newId } = context;
  const stream = anchorStream(project);
  const version = (await journal.streamHead(stream))?.version ?? 0;
  const [last] = version > 0 ? await journal.read(stream, { after: version - 1, limit: 1 }) : [];
  const [first] = last ? [] : await journal.readAll({ after: 0, limit: 1, project });
  const timeOf = (event: { at: string } | undefined) => (event ? Date.parse(event.at) : null);
  if (!isAnchorDue({ lastAt: timeOf(last), firstAt: timeOf(first), now: clock.now() })) return 0;
  const changed = await readChangedHeads(journal, project, positionOf(last?.data));
  if (changed.heads.length === 0) return 0;
  const outcome = await journal.append({
    id: newId(),
    project,
    stream,
    expectedVersion: version,
    fence: null,
    events: anchorEvents(changed, await readFences(journal, project)),
  });
  return outcome.outcome === 'appended' ? changed.heads.length : 0;
}

/** What an anchor's row names; nothing when it is not one, or not readable. */
export function readAnchor(row: EventRow): AnchorFacts {
  const parsed = row.kind === anchorKind ? shape.safeParse(parseJson(row.data)) : undefined;
  return parsed?.success ? parsed.data : { heads: [], fences: [] };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function readFences(journal: Journal, project: string): Promise<AnchoredFence[]> {
  const fences = new Map<string, number>();
  for (const { claimUnit, fence } of await journal.streams(project))
    if (fence > 0) fences.set(claimUnit, fence);
  return [...fences].map(([unit, fence]) => ({ unit, fence }));
}

interface ChangedHeads {
  /** Everything up to here was looked at. */
  position: number;
  heads: AnchoredHead[];
}

/** Streams with events after `after`, but for the anchors themselves. */
async function readChangedHeads(journal: Journal, project: string, after: number): Promise<ChangedHeads> {
  const heads = new Map<string, AnchoredHead>();
  let position = after;
  for (;;) {
    const page = await journal.readAll({ after: position, limit: pageSize, project });
    for (const { stream, version, hash } of page) {
      if (stream !== anchorStream(project)) heads.set(stream, { stream, version, hash });
    }
    position = page.at(-1)?.position ?? position;
    if (page.length < pageSize) return { position, heads: [...heads.values()] };
  }
}

function anchorEvents({ position, heads }: ChangedHeads, fences: AnchoredFence[]): NewEvent[] {
  const events: NewEvent[] = [];
  for (let index = 0; index < heads.length; index += headsPerEvent) {
    const data = {
      position,
      heads: heads.slice(index, index + headsPerEvent),
      fences: index === 0 ? fences : [],
    };
    events.push({ kind: anchorKind, schema: 1, actor: 'mesh', data: data as unknown as JsonObject });
  }
  return events;
}

function positionOf(data: JsonObject | undefined): number {
  return typeof data?.position === 'number' ? data.position : 0;
}
