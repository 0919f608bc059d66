/** What the channels of a project have still to say, and what they gave up. */
import { foldStream } from '../journal/fold-stream.ts';
import type { Journal } from '../journal/journal.ts';
import { outboxReducer } from '../outbox/outbox-state.ts';

export interface OutboxView {
  /** `slack`. */
  channel: string;
  waitingCount: number;
  deadCount: number;
}

/** By channel; one that never had anything to say is not among them. */
export async function viewOutboxes(
  journal: Pick<Journal, 'streams' | 'read' | 'loadSnapshot'>,
  project: string,
): Promise<OutboxView[]> {
  const prefix = `outbox:${project}/`;
  const views: OutboxView[] = [];
  for (const { stream } of await journal.streams(project, { prefix })) {
    const { state } = await foldStream(journal, stream, outboxReducer);
    const { queued, deadCount } = state;
    views.push({ channel: stream.slice(prefix.length), waitingCount: queued.length, deadCount });
  }
  return views;
}
