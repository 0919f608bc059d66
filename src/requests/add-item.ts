/** A person asks for something: a brief becomes an item, with the next number of its project. */
import type { Brief } from '../artifacts/parse-brief.ts';
import type { ItemEvent } from '../items/item-event.ts';
import { itemStream, toNewEvent } from '../items/item-stream.ts';
import { putTextBlob } from '../journal/blob-text.ts';
import { streamId } from '../journal/event.ts';
import type { Journal } from '../journal/journal.ts';
import { requireBrief } from './require-text.ts';

export interface AddItemRequest {
  journal: Journal;
  newId: () => string;
  project: string;
  brief: Brief;
  /** A plan that the person wrote, as JSON text already checked; null: the planner makes one. */
  plan: string | null;
  by: string;
}

const maxTries = 50;

/** @throws MeshwrightError `usage` when the brief is not plain text or too long. Returns the item's number. Several may be added at once; each gets a number of its own. */
export async function addItem(request: AddItemRequest): Promise<number> {
  const { journal, project, brief } = request;
  requireBrief(brief);
  const event: ItemEvent & { kind: 'item.added' } = {
    kind: 'item.added',
    data: {
      number: 0,
      title: brief.title,
      brief: await putTextBlob(journal, brief.text),
      criteria: brief.criteria,
      priority: brief.priority,
      tags: brief.tags,
      flow: brief.flow,
      ceilingMicroUsd: brief.ceilingMicroUsd,
      plan: request.plan === null ? null : await putTextBlob(journal, request.plan),
    },
  };
  for (let tries = 0; tries < maxTries; tries += 1) {
    const number = await nextNumber(journal, project);
    const outcome = await journal.append({
      id: request.newId(),
      project,
      stream: itemStream(project, number),
      expectedVersion: 0,
      fence: null,
      claimUnit: streamId('mesh', project),
      events: [toNewEvent({ ...event, data: { ...event.data, number } }, request.by)],
      posts: [
        {
          stream: streamId('mesh', project),
          id: `added/${number}`,
          kind: 'item.added',
          actor: request.by,
          data: { item: number },
        },
      ],
    });
    if (outcome.outcome === 'appended') return number;
  }
  throw new Error(`${project}: gave up after ${maxTries} tries to number an item`);
}

async function nextNumber(journal: Journal, project: string): Promise<number> {
  const prefix = itemStream(project, 0).slice(0, -1);
  const heads = await journal.streams(project, { prefix });
  return 1 + heads.reduce((most, { stream }) => Math.max(most, Number(stream.slice(prefix.length)) || 0), 0);
}
