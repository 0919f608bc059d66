/** The item that puts right what has landed by a decision that a person overturned. Safe to repeat: one for each ruling and landed item. */
import { idOf } from '../base/ids.ts';
import type { Overturned } from '../items/item-event.ts';
import type { ItemState } from '../items/item-state.ts';
import { appendAdded } from '../items/number-item.ts';
import { putTextBlob } from '../journal/blob-text.ts';
import type { WorkerContext } from './worker-context.ts';

export async function addRework(
  { journal, project }: WorkerContext,
  landed: ItemState,
  { question, decision, supersededBy, instead, finding }: Overturned,
): Promise<void> {
  const title = `${landed.title}: after ${supersededBy}`;
  const brief = [
    `# ${title}`,
    '',
    `Item ${landed.number} (${landed.title}) has landed. It went by ${decision}, taken by default when nobody had answered ${question}:`,
    '',
    `> ${finding.message}`,
    '',
    'Change what that item brought so that it is as it is to be now, and nothing else.',
    '',
  ].join('\n');
  await appendAdded(journal, project, {
    id: idOf(`rework/${project}/${question}/${decision}/${landed.number}`),
    by: `mesh:${project}`,
    added: {
      title,
      brief: await putTextBlob(journal, brief),
      criteria: [`It is so: ${instead}`],
      priority: landed.priority,
      tags: [...landed.tags],
      flow: landed.flowName,
      ceilingMicroUsd: landed.ceilingMicroUsd,
      plan: null,
    },
  });
}
