/** A person asks for something: a brief becomes an item, with the next number of its project. */
import type { Brief } from '../artifacts/parse-brief.ts';
import type { ItemEvent } from '../items/item-event.ts';
import { toNewEvent } from '../items/item-stream.ts';
import { putTextBlob } from '../journal/blob-text.ts';
import { streamId } from '../journal/event.ts';
import type { Journal } from '../journal/journal.ts';
import { appendNumbered } from './number-item.ts';
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
  const mesh = streamId('mesh', project);
  return appendNumbered(journal, project, (number) => ({
    id: request.newId(),
    claimUnit: mesh,
    events: [toNewEvent({ ...event, data: { ...event.data, number } }, request.by)],
    posts: [
      {
        stream: mesh,
        id: `added/${number}`,
        kind: 'item.added',
        actor: request.by,
        data: { item: number },
      },
    ],
  }));
}
