/** What `doctor` says about channels: what they still have to say, and what they gave up. */
import type { Journal } from '../../journal/journal.ts';
import { viewOutboxes } from '../../views/outbox-view.ts';
import { type Examination, good } from './doctor-examination.ts';

/** None for a project whose channels have never said anything. */
export async function examineOutboxes(journal: Journal): Promise<Examination[]> {
  const found: Examination[] = [];
  for (const project of await journal.projects()) {
    for (const { channel, waitingCount, deadCount } of await viewOutboxes(journal, project)) {
      const name = `channel ${channel} of ${project}`;
      const text = `${waitingCount} waiting, ${deadCount} dead letters`;
      if (deadCount === 0) found.push(good(name, text));
      else {
        const fix = `the log says why; the questions are all in \`meshwright questions\``;
        found.push({ name, result: 'advice', text, fix });
      }
    }
  }
  return found;
}
