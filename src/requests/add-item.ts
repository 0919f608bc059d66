/** A person asks for something: a brief becomes an item, with the next number of its project. */
import type { Brief } from '../artifacts/parse-brief.ts';
import { appendAdded } from '../items/number-item.ts';
import { putTextBlob } from '../journal/blob-text.ts';
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

/** @throws MeshwrightError `usage` when the brief is not plain text or too long. Returns the item's number. Several may be added at once; each gets a number of its own. */
export async function addItem(request: AddItemRequest): Promise<number> {
  const { journal, project, brief } = request;
  requireBrief(brief);
  return appendAdded(journal, project, {
    id: request.newId(),
    by: request.by,
    added: {
      title: brief.title,
      brief: await putTextBlob(journal, brief.text),
      criteria: brief.criteria,
      priority: brief.priority,
      tags: brief.tags,
      flow: brief.flow,
      ceilingMicroUsd: brief.ceilingMicroUsd,
      plan: request.plan === null ? null : await putTextBlob(journal, request.plan),
    },
  });
}
